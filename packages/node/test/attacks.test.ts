import { measureMemory } from '@stt/testing'
import { describe, expect, test } from 'vitest'
import { Identity, Seed } from '../src/index.ts'
import { collect, createNode, expectBytes, first, pattern, rejection } from './nodes.ts'
import { transfer, type VirtualPair, virtualNodes } from './virtual-nodes.ts'

const ADDRESS = 'udp://10.0.0.1:4433'
const Type = {
  Response: 0x81,
  Final: 0x83,
}

const pass = (nodes: VirtualPair, milliseconds: number): Promise<void> =>
  nodes.run(new Promise<void>(resolve => nodes.pair.loop.after(milliseconds, resolve)))

/** Takes out of what the server sends the first `count` messages of a type; says what they were. */
function lose(nodes: VirtualPair, type: number, count: number): Uint8Array[] {
  const lost: Uint8Array[] = []
  const { toClient } = nodes.pair
  const send = toClient.send.bind(toClient)
  toClient.send = (item, size) => {
    if (item === 'end' || item[0] !== type || lost.length === count) return send(item, size)
    lost.push(item.slice())
  }
  return lost
}

describe('a whole run, recorded and replayed a thousand times', () => {
  async function recorded() {
    const toServer: Uint8Array[] = []
    const bytes = { in: 0, out: 0 }
    let isRecording = true
    const nodes = await virtualNodes(
      {
        seed: 5,
        tap(packet, direction) {
          if (direction === 'to-server' && isRecording) toServer.push(packet.slice())
          bytes[direction === 'to-server' ? 'in' : 'out'] += packet.length
        },
      },
      {},
      // A listener that answers as much as any does: also packets of sessions that are gone.
      { identity: Identity.fromPrivateKey(new Uint8Array(32).fill(1)) },
    )
    const { session } = await nodes.run(transfer(nodes, pattern(10_000)))
    const stop = (): readonly Uint8Array[] => {
      isRecording = false
      return toServer
    }
    return { nodes, session, bytes, stop }
  }

  async function replay(nodes: VirtualPair, run: readonly Uint8Array[]): Promise<void> {
    let atATenth = 0
    for (let round = 1; round <= 1_000; round++) {
      for (const packet of run) nodes.pair.client.send(packet)
      await pass(nodes, 20)
      if (round === 100) atATenth = await measureMemory()
      const { sessions, sessionsOpened, pending } = nodes.server.getStatistics()
      expect(sessions + pending).toBeLessThanOrEqual(1)
      expect(sessionsOpened).toBe(1)
    }
    expect(await measureMemory()).toBeLessThanOrEqual(1.1 * atATenth)
  }

  test('a replay beside its session begins nothing, keeps nothing, and the session goes on', async () => {
    const { nodes, session, bytes, stop } = await recorded()
    const run = stop()
    expect(run.some(packet => packet[0] === 0x80)).toBe(true)
    const out = bytes.out
    await replay(nodes, run)
    // What it sends are keepalives and acknowledgements of them.
    expect(bytes.out - out).toBeLessThan(10_000)
    expect(await nodes.run(session.ping())).toBeGreaterThan(0)
    expect(nodes.server.getStatistics().replayed).toBe(1_000)
    expect(session.getStatistics().streams.open).toBe(0)
  })

  test('a replay after its session begins nothing, and less goes out than comes in', async () => {
    const { nodes, session, bytes, stop } = await recorded()
    await nodes.run(session.close())
    await pass(nodes, 60_000)
    const run = stop()
    expect(nodes.server.getStatistics().sessions).toBe(0)
    bytes.in = 0
    bytes.out = 0
    await replay(nodes, run)
    expect(bytes.out).toBeLessThan(bytes.in / 10)
    expect(nodes.server.getStatistics().sessions).toBe(0)
    expect(nodes.server.getStatistics().statelessResets).toBeGreaterThan(0)
  })
})

describe('messages that are lost', () => {
  test('FINAL comes ten times: the same answer goes out each time, and there is one session', async () => {
    const nodes = await virtualNodes({ seed: 1 })
    const lost = lose(nodes, Type.Final, 10)
    const { received } = await nodes.run(transfer(nodes, pattern(1_000)))
    expectBytes(received, pattern(1_000))
    expect(lost).toHaveLength(10)
    for (const final of lost) expect(final).toEqual(lost[0])
    expect(nodes.pair.loop.now).toBeGreaterThan(7_000)
    expect(nodes.server.getStatistics()).toMatchObject({ sessionsOpened: 1, accepted: 1, pending: 0 })
  })

  test('RESPONSE comes five times: the same answer goes out each time, and there is one session', async () => {
    const nodes = await virtualNodes({ seed: 1 })
    const lost = lose(nodes, Type.Response, 5)
    const { received } = await nodes.run(transfer(nodes, pattern(1_000)))
    expectBytes(received, pattern(1_000))
    expect(lost).toHaveLength(5)
    for (const response of lost) expect(response).toEqual(lost[0])
    expect(nodes.server.getStatistics()).toMatchObject({ sessionsOpened: 1, accepted: 1, pending: 0 })
  })
})

test('a peer whose authorize never answers is told after five seconds that the node is busy, and others come in', async () => {
  const answers: (boolean | Promise<boolean>)[] = [new Promise(() => {}), true]
  const nodes = await virtualNodes({ seed: 1 }, {}, { authorize: () => answers.shift()! })
  const error = await nodes.run(rejection(nodes.client.connect(ADDRESS)))
  expect(error).toMatchObject({ code: 'STT_BUSY' })
  expect(nodes.pair.loop.now).toBeGreaterThanOrEqual(5_000)
  expect(nodes.pair.loop.now).toBeLessThan(5_100)
  const session = await nodes.run(nodes.client.connect(ADDRESS))
  expect(session.state).toBe('active')
  await pass(nodes, 20_000)
  expect(nodes.server.getStatistics()).toMatchObject({
    busy: 1,
    accepted: 1,
    sessions: 1,
    sessionsOpened: 1,
    pending: 0,
  })
})

describe.each(['ws://127.0.0.1:0', 'udp://127.0.0.1:0'])('over %s', address => {
  test('a node that is revoked in the middle of a transfer is cut off at once, at both ends, and stays out', async () => {
    const seed = Seed.generate()
    const identity = Identity.generate()
    const server = await createNode({ seed, listen: [address], peers: { allow: [identity.id] } })
    const client = await createNode({ seed, identity })
    const accepting = first(server.sessions())
    const dialed = await client.connect(server.addresses)
    const accepted = await accepting
    const [up, down] = [await dialed.openStream(), await accepted.openStream()]
    const endless = async (stream: typeof up): Promise<void> => {
      for (;;) await stream.write(pattern(50_000))
    }
    const writing = [rejection(endless(up)), rejection(endless(down))]
    let received = 0
    const reading = rejection(
      (async () => {
        for await (const chunk of await first(accepted.streams())) received += chunk.length
      })(),
    )
    const readingDown = rejection(collect(await first(dialed.streams())))
    while (received < 500_000) await dialed.ping()

    await server.revoke(identity.id)
    // What the loop had been given before counts when its turn comes.
    await new Promise(resolve => setImmediate(resolve))
    const atRevocation = received
    expect(await accepted.closed).toMatchObject({ by: 'local', reason: 'revoked' })
    expect(await dialed.closed).toMatchObject({ by: 'peer', reason: 'revoked' })
    for (const ended of [...writing, reading, readingDown]) expect(await ended).toMatchObject({ code: 'STT_CLOSED' })
    expect(received).toBe(atRevocation)
    expect(server.getStatistics().sessions).toBe(0)
    await expect(client.connect(server.addresses)).rejects.toMatchObject({ code: 'STT_PEER_REFUSED' })
  })

  test('the last one of 64 seeds is found', async () => {
    const seeds = Array.from({ length: 64 }, () => Seed.generate())
    const server = await createNode({ seeds, listen: [address] })
    const client = await createNode({ seed: seeds.at(-1)! })
    const session = await client.connect(server.addresses)
    expect(await session.ping()).toBeGreaterThanOrEqual(0)
    // Above 32 seeds a UDP address proves itself before any is tried.
    expect(server.getStatistics().retries).toBe(address.startsWith('udp') ? 1 : 0)
  })
})
