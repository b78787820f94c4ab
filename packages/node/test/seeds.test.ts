import { Seed } from '@stt/crypto'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { IncomingPeer } from '../src/index.ts'
import { STTNode } from '../src/index.ts'
import { createNode, first } from './nodes.ts'

afterEach(() => {
  vi.useRealTimers()
})

const NOON = 1_800_000_000_000
/** The clock of the system, and no timer of it. */
const setSystemTime = (milliseconds: number): void => {
  vi.useFakeTimers({ toFake: ['Date'], now: milliseconds })
}
/** For a dial that nobody answers. */
const soon = () => ({ signal: AbortSignal.timeout(300) })

describe.each(['ws://127.0.0.1:0', 'udp://127.0.0.1:0'])('over %s', address => {
  test('a running node replaces its seeds: dialers with the new one are in, and sessions go on', async () => {
    const [old, fresh] = [Seed.generate(), Seed.generate()]
    const asked: IncomingPeer[] = []
    const server = await createNode({ seed: old, listen: [address], authorize: applicant => asked.push(applicant) > 0 })
    const client = await createNode({ seed: old })
    const accepted = first(server.sessions())
    const session = await client.connect(server.addresses)
    expect([session.peer.seed, (await accepted).peer.seed]).toEqual([0, 0])

    server.setSeeds([fresh, old])
    client.setSeeds([old, fresh])
    expect((await client.connect(server.addresses)).peer.seed).toBe(0)
    server.setSeeds([fresh])
    await expect(client.connect(server.addresses, soon())).rejects.toMatchObject({ code: 'STT_TIMEOUT' })
    client.setSeeds([fresh])
    expect((await client.connect(server.addresses)).peer.seed).toBe(0)
    expect(asked.map(({ seed }) => seed)).toEqual([0, 1, 0])
    expect(await session.ping()).toBeGreaterThanOrEqual(0)
    expect(session.state).toBe('active')
  })

  test('a seed whose time is over neither dials nor answers, and its sessions go on', async () => {
    setSystemTime(NOON - 1)
    const [old, fresh] = [Seed.generate(), Seed.generate()]
    const seeds = [{ seed: old, notAfter: new Date(NOON) }, fresh]
    const server = await createNode({ seeds, listen: [address] })
    const stubborn = await createNode({ seed: old })
    const client = await createNode({ seeds })
    const session = await stubborn.connect(server.addresses)
    expect((await client.connect(server.addresses)).peer.seed).toBe(0)

    setSystemTime(NOON)
    await expect(stubborn.connect(server.addresses, soon())).rejects.toMatchObject({ code: 'STT_TIMEOUT' })
    expect((await client.connect(server.addresses)).peer.seed).toBe(1)
    expect(await session.ping()).toBeGreaterThanOrEqual(0)
  })
})

test('a node whose seeds are over says so when it dials', async () => {
  setSystemTime(NOON - 1)
  const seed = Seed.generate()
  const server = await createNode({ seed, listen: ['ws://127.0.0.1:0'] })
  const client = await createNode({ seeds: [{ seed, notAfter: NOON }] })
  setSystemTime(NOON)
  const error = { code: 'STT_INVALID_STATE', message: expect.stringContaining('notAfter') }
  await expect(client.connect(server.addresses)).rejects.toMatchObject(error)
  client.setSeeds([seed])
  expect((await client.connect(server.addresses)).state).toBe('active')
})

test('a value that is no seed is refused, and the seeds stay as they were', async () => {
  const seed = Seed.generate()
  const server = await createNode({ seed, listen: ['ws://127.0.0.1:0'] })
  const refused = { code: 'STT_INVALID_ARGUMENT' }
  const bad: unknown[] = [undefined, seed, [], ['seed'], [{}], [{ seed }], [null], [{ seed, notAfter: 'noon' }]]
  bad.push([{ seed, notAfter: new Date(Number.NaN) }], [{ seed, notAfter: 1.5 }], [{ seed, notAfter: NOON, until: 1 }])
  // Over already.
  bad.push([{ seed, notAfter: 1 }])
  for (const seeds of bad) {
    expect(() => server.setSeeds(seeds as [Seed])).toThrow(expect.objectContaining(refused))
    if (Array.isArray(seeds)) await expect(STTNode.create({ seeds: seeds as [Seed] })).rejects.toMatchObject(refused)
  }
  const client = await createNode({ seed })
  expect((await client.connect(server.addresses)).state).toBe('active')
  await server.close()
  expect(() => server.setSeeds([seed])).toThrow(expect.objectContaining({ code: 'STT_CLOSED' }))
})

test('the keys of a replaced seed are wiped when no handshake can use them, and all keys when the node closes', async () => {
  const derived = vi.spyOn(Seed.prototype, 'deriveKeys')
  const live = (): number => derived.mock.results.filter(({ value }) => isLive(value)).length
  const node = await createNode({ seed: Seed.generate(), limits: { handshakeTimeout: 1 } })
  node.setSeeds([Seed.generate()])
  expect(live()).toBe(2)
  await expect.poll(live).toBe(1)
  node.setSeeds([Seed.generate()])
  await node.close()
  expect([live(), derived.mock.results.length]).toEqual([0, 3])
  derived.mockRestore()
})

function isLive(keys: ReturnType<Seed['deriveKeys']>): boolean {
  try {
    return keys.psk0.some(byte => byte !== 0)
  } catch {
    return false
  }
}
