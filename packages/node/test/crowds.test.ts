import { Initiator } from '@stt/handshake'
import { dialWebSocket, type WebSocketLink } from '@stt/transport-ws'
import { expect, test } from 'vitest'
import { Identity, type NodeOptions, Seed, type SttError } from '../src/index.ts'
import { createNode, pattern } from './nodes.ts'

const NO_LIMITS = { idleTimeout: 1_000, maxData: 0, maxStreamData: 0, maxDatagram: 0, maxMessage: 0, maxStreamsBidi: 0, maxStreamsUni: 0 } // biome-ignore format: one line

/** A listener to which everybody comes from one address that is not this machine's. */
const behindOneAddress = (seed: Seed, limits: NodeOptions['limits'], ws: NodeOptions['ws'] = {}) =>
  createNode({ seed, listen: ['ws://127.0.0.1:0'], limits: limits!, ws: { clientAddress: () => '192.0.2.1', ...ws } })

async function crowd(seed: Seed, count: number, limits: NodeOptions['limits'] = {}) {
  return Promise.all(Array.from({ length: count }, () => createNode({ seed, limits })))
}

function hello(seed: Seed): Uint8Array {
  const entropy = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length))
  const config = { keys: seed.deriveKeys(), identity: Identity.generate(), entropy, limits: NO_LIMITS, localCid: entropy(8), datagram: false } // biome-ignore format: one line
  return new Initiator(config).createHello(0)
}

async function ended(link: WebSocketLink): Promise<Error | undefined> {
  link.onPacket = () => {}
  return new Promise(resolve => {
    link.onClose = resolve
  })
}

// spec: STT-HS-43
test('a crowd that dials at once from one address is let in whole, those beyond its budget in turn', async () => {
  const seed = Seed.generate()
  const server = await behindOneAddress(seed, { handshakesPerPrefix: 20 })
  const nodes = await crowd(seed, 70)
  const sessions = await Promise.all(nodes.map(node => node.connect(server.addresses)))
  expect(new Set(sessions.map(session => session.state))).toEqual(new Set(['active']))
  expect(server.getStatistics()).toMatchObject({ sessions: 70, rateLimited: 0, waiting: 0 })
})

// spec: STT-HS-43
test('a dialer that waited in vain is closed with 1013, and the error names the option for the limit', async () => {
  const seed = Seed.generate()
  const server = await behindOneAddress(seed, { pendingHandshakes: 1 }, { limits: { proofTimeout: 300 } })
  const first = await dialWebSocket(server.addresses[0]!)
  const answered = new Promise(resolve => {
    first.onPacket = resolve
  })
  first.send(hello(seed))
  await answered
  const second = await dialWebSocket(server.addresses[0]!)
  const end = ended(second)
  second.send(hello(seed))
  expect(await end).toMatchObject({ code: 'STT_BUSY', details: { closeCode: 1013, limit: 'pendingHandshakes' } })
  expect(server.getStatistics()).toMatchObject({ tableFull: 1, waiting: 0 })
})

/** A listener with one place, which is taken, and a dial that finds that out. */
async function turnedAway(signal: AbortSignal) {
  const seed = Seed.generate()
  let upgrades = 0
  let comeBack!: () => void
  const cameBack = new Promise<void>(resolve => {
    comeBack = resolve
  })
  const clientAddress = (): string => {
    if (++upgrades === 3) comeBack()
    return '192.0.2.1'
  }
  const server = await createNode({
    seed,
    listen: ['ws://127.0.0.1:0'],
    ws: { clientAddress, limits: { maxLinks: 1 } },
  })
  const [one, other] = await crowd(seed, 2)
  const first = await one!.connect(server.addresses)
  const dialing = other!.connect(server.addresses, { signal })
  const outcome = dialing.catch((error: SttError) => error)
  await cameBack
  return { first, outcome }
}

// spec: STT-HS-44
test('a dialer that is turned away comes back by itself, and is let in when there is a place', async () => {
  const { first, outcome } = await turnedAway(new AbortController().signal)
  await first.close()
  expect(await outcome).toMatchObject({ state: 'active' })
})

// spec: STT-HS-44
test('a dialer that is turned away until its time is over reads which limit it met', async () => {
  const abort = new AbortController()
  const { outcome } = await turnedAway(abort.signal)
  abort.abort(new DOMException('over', 'TimeoutError'))
  expect(await outcome).toMatchObject({ code: 'STT_BUSY', details: { limit: 'maxLinks' } })
})

// spec: STT-HS-35
test('this machine’s own address has no budget, nor has that of a proxy whose client is unknown', async () => {
  const seed = Seed.generate()
  const limits = { handshakesPerPrefix: 1, waitingHandshakes: 1 }
  const server = await createNode({ seed, listen: ['ws://127.0.0.1:0'], limits })
  for (const node of await crowd(seed, 6)) await node.connect(server.addresses)
  expect(server.getStatistics()).toMatchObject({ sessions: 6, rateLimited: 0 })
})

// spec: STT-WS-29
test('the eighth message without proof closes a link, and none is answered', async () => {
  const seed = Seed.generate()
  // So late that no deadline closes the link first.
  const ws = { limits: { proofTimeout: 60_000 } }
  const server = await createNode({ seed, listen: ['ws://127.0.0.1:0'], limits: { handshakeTimeout: 60_000 }, ws })
  const link = await dialWebSocket(server.addresses[0]!)
  const end = ended(link)
  const lie = hello(Seed.generate())
  for (let i = 0; i < 7; i++) link.send(lie)
  await expect.poll(() => server.getStatistics().badMac).toBe(7)
  link.send(pattern(40))
  expect(await end).toMatchObject({ details: { closeCode: 1008 } })
  expect(link.getStatistics().packetsReceived).toBe(0)
})

// spec: STT-HS-35
test('forged messages without the seed take nothing from the holders of the seed', async () => {
  const seed = Seed.generate()
  const server = await behindOneAddress(seed, { handshakesPerPrefix: 1, waitingHandshakes: 1 })
  for (let i = 0; i < 5; i++) {
    const link = await dialWebSocket(server.addresses[0]!)
    link.onPacket = () => {}
    for (let j = 0; j < 7; j++) link.send(hello(Seed.generate()))
  }
  await expect.poll(() => server.getStatistics().badMac).toBe(35)
  const [node] = await crowd(seed, 1, { handshakeTimeout: 1_000 })
  expect((await node!.connect(server.addresses)).state).toBe('active')
})
