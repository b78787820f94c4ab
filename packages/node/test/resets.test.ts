import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { Identity, provider } from '@stt/crypto'
import { resetToken } from '@stt/session'
import { createRandom, linkPair } from '@stt/testing'
import { dialWebSocket } from '@stt/transport-ws'
import { afterEach, describe, expect, test } from 'vitest'
import { NodeCore } from '../src/core/node-core.ts'
import { Seed } from '../src/index.ts'
import { openUdpAcceptor } from '../src/listen/udp-acceptor.ts'
import { acceptingNode, listenerEnvironment } from './accepting-node.ts'
import { collect, createNode, first, pattern, rejection } from './nodes.ts'
import { virtualListener } from './virtual-listener.ts'
import { type VirtualPair, virtualNodes } from './virtual-nodes.ts'

const identity = (byte: number): Identity => Identity.fromPrivateKey(new Uint8Array(32).fill(byte))
const ADDRESS = 'udp://10.0.0.1:4433'
const SERVER = { identity: identity(1) }
const isPacket = (bytes: Uint8Array): boolean => bytes[0]! >> 6 === 1

/** A packet that nobody can open, to a connection id. */
function stray(connectionId: Uint8Array, length = 100): Uint8Array {
  const packet = pattern(length)
  packet[0] = 0b0100_0000
  packet.set(connectionId, 1)
  return packet
}

/** What a listener with the server's identity would answer to a packet for this id. */
function resetFor(connectionId: Uint8Array): Uint8Array {
  const reset = pattern(40)
  reset[0] = 0b0101_1010
  reset.set(resetToken(provider, SERVER.identity.resetKey(), connectionId), 24)
  return reset
}

interface Recorded extends VirtualPair {
  readonly toServer: Uint8Array[]
}

/** A client with a session, and what it sent so far. */
async function session(serverOptions = SERVER) {
  const toServer: Uint8Array[] = []
  const nodes = await virtualNodes(
    { seed: 1, tap: (packet, direction) => direction === 'to-server' && toServer.push(packet.slice()) },
    {},
    serverOptions,
  )
  const accepting = first(nodes.server.sessions())
  const dialed = await nodes.run(nodes.client.connect(ADDRESS))
  await nodes.run(accepting)
  await nodes.run(dialed.ping())
  const recorded: Recorded = Object.assign(nodes, { toServer })
  return { nodes: recorded, dialed }
}

const pass = (nodes: VirtualPair, milliseconds: number): Promise<void> =>
  nodes.run(new Promise<void>(resolve => nodes.pair.loop.after(milliseconds, resolve)))

// spec: STT-PKT-39 STT-PKT-40
describe('a listener that was started again and knows no session any more', () => {
  test('tells its peer with the answer to the first packet: everything ends at once, as truncated', async () => {
    const { nodes, dialed } = await session()
    const reading = rejection(collect(await dialed.openStream()))
    await pass(nodes, 500)
    const server = await nodes.restart()
    const before = nodes.toServer.length
    const startedAt = nodes.pair.loop.now
    const pinging = rejection(dialed.ping())
    const { by, error } = await nodes.run(dialed.closed)
    expect({ by, code: error.code }).toEqual({ by: 'reset', code: 'STT_TRUNCATED' })
    expect(nodes.toServer.length - before).toBe(1)
    expect(nodes.pair.loop.now - startedAt).toBeLessThanOrEqual(2)
    expect(await reading).toMatchObject({ code: 'STT_TRUNCATED' })
    expect(await pinging).toMatchObject({ code: 'STT_TRUNCATED' })
    expect(server.getStatistics()).toMatchObject({ strayPackets: 1, statelessResets: 1, sessions: 0 })
    expect(nodes.client.getStatistics().sessions).toBe(0)
    await pass(nodes, 60_000)
    expect(nodes.toServer.length - before).toBe(1)
  })

  test('is silent when it made its identity at its start: the peer waits until the session is idle', async () => {
    const { nodes, dialed } = await session({} as typeof SERVER)
    const server = await nodes.restart()
    await pass(nodes, 10_000)
    void rejection(dialed.ping())
    await pass(nodes, 10_000)
    expect(dialed.state).toBe('active')
    const { strayPackets, statelessResets } = server.getStatistics()
    expect(strayPackets).toBeGreaterThan(0)
    expect(statelessResets).toBe(0)
    expect(await nodes.run(dialed.closed)).toMatchObject({ by: 'silence', error: { code: 'STT_TRUNCATED' } })
  })

  test('lets the same peer dial again', async () => {
    const { nodes, dialed } = await session()
    await nodes.restart()
    void rejection(dialed.ping())
    await nodes.run(dialed.closed)
    const again = await nodes.run(nodes.client.connect(ADDRESS))
    expect(await nodes.run(again.ping())).toBeGreaterThan(0)
  })
})

// spec: STT-PKT-40
test('a reset with a wrong bit in its token ends nothing, and the right one ends the session', async () => {
  const { nodes, dialed } = await session()
  const reset = resetFor(nodes.toServer.at(-1)!.slice(1, 9))
  for (let at = reset.length - 16; at < reset.length; at++) {
    const wrong = reset.slice()
    wrong[at]! ^= 1 << (at % 8)
    nodes.pair.server.send(wrong)
  }
  await pass(nodes, 100)
  expect(dialed.state).toBe('active')
  expect(await nodes.run(dialed.ping())).toBeGreaterThan(0)
  nodes.pair.server.send(reset)
  expect(await nodes.run(dialed.closed)).toMatchObject({ by: 'reset' })
})

// spec: STT-PKT-39
test('a listener sends sixteen answers a second to one address, however often it asks', async () => {
  const { nodes } = await session()
  const answers = nodes.pair.toClient.counters.sent
  const random = createRandom(2)
  for (let second = 1; second <= 3; second++) {
    for (let i = 0; i < 1_000; i++) nodes.pair.client.send(stray(random.bytes(8)))
    await pass(nodes, 1_100)
    expect(nodes.server.getStatistics()).toMatchObject({ strayPackets: 1_000 * second, statelessResets: 16 * second })
  }
  // One in thirty of the rest is the session's own.
  expect(nodes.pair.toClient.counters.sent - answers).toBeGreaterThanOrEqual(48)
  expect(nodes.pair.toClient.counters.sent - answers).toBeLessThan(58)
})

// spec: STT-PKT-39
test('two listeners stop answering each other', async () => {
  const lengths: number[] = []
  const pair = linkPair({ seed: 1, kind: 'datagram', tap: packet => lengths.push(packet.length) })
  const random = createRandom(3)
  const listen = (byte: number, end: typeof pair.client) =>
    NodeCore.create(
      { seed: Seed.fromBytes(random.bytes(32)), identity: identity(byte), listen: [ADDRESS] },
      {
        ...listenerEnvironment(pair, random, async (_text, _address, context) =>
          openUdpAcceptor(virtualListener(end), context),
        ),
        entropy: length => {
          // Every draw makes the answer look most like a packet, and as long as it may be.
          const bytes = random.bytes(length)
          if (length > 1) bytes[0]! &= 0b1100_0000
          else bytes[0] = 255
          return bytes
        },
      },
    )
  await listen(1, pair.client)
  const node = await listen(2, pair.server)
  for (const length of [1_200, 100, 60, 45, 34, 33]) {
    lengths.length = 0
    pair.client.send(stray(random.bytes(8), length))
    pair.loop.runUntil(pair.loop.now + 10_000)
    expect(lengths.length).toBeLessThanOrEqual(28)
    for (let i = 1; i < lengths.length; i++) expect(lengths[i]!).toBeLessThan(lengths[i - 1]!)
  }
  expect(node.getStatistics().statelessResets).toBeGreaterThan(0)
})

describe('over message links', () => {
  /** A listener in virtual time, and fresh links to it, each of which tells what came back and how it was closed. */
  async function listener(options = SERVER) {
    const { node, pair, random, accept } = await acceptingNode(options)
    let links = 0
    const open = (host = '192.0.2.1') => {
      const { client, server } = pair.another(`ws://${host}:${++links}`)
      const got: Uint8Array[] = []
      const refused: number[] = []
      const accepted = Object.assign(server, {
        confirm: () => {},
        refuse(code: number) {
          refused.push(code)
          server.close()
        },
      })
      accept(accepted)
      client.onPacket = packet => got.push(packet.slice())
      const send = (...messages: Uint8Array[]): void => {
        for (const message of messages) client.send(message)
        pair.loop.runUntil(pair.loop.now + 4)
      }
      return { got, refused, send }
    }
    return { node, open, random, loop: pair.loop }
  }

  // spec: STT-PKT-39
  test('the first message of a link for a session that is gone gets its token, and the link is closed', async () => {
    const { node, open, random } = await listener()
    const id = random.bytes(8)
    const { got, refused, send } = open()
    send(stray(id))
    expect(got).toHaveLength(1)
    expect(isPacket(got[0]!)).toBe(true)
    expect(got[0]!.length).toBeLessThan(100)
    expect(got[0]!.slice(-16)).toEqual(resetFor(id).slice(-16))
    expect(refused).toEqual([1008])
    expect(node.getStatistics()).toMatchObject({ strayPackets: 1, statelessResets: 1, unknownRun: 0 })
  })

  // spec: STT-PKT-39 STT-WS-29
  test('no later message does, whatever the first one was', async () => {
    const { node, open, random } = await listener()
    const { got, refused, send } = open()
    send(pattern(100), ...Array.from({ length: 6 }, () => stray(random.bytes(8))))
    expect([got, refused]).toEqual([[], []])
    send(stray(random.bytes(8)))
    expect([got, refused]).toEqual([[], [1008]])
    expect(node.getStatistics()).toMatchObject({ strayPackets: 0, statelessResets: 0 })
  })

  // spec: STT-PKT-39 STT-WS-29
  test('no message is answered where the identity was made at the start, and it counts only as of no use', async () => {
    const { node, open, random } = await listener({} as typeof SERVER)
    const { got, refused, send } = open()
    send(...Array.from({ length: 7 }, () => stray(random.bytes(8))))
    expect([got, refused]).toEqual([[], []])
    send(stray(random.bytes(8)))
    expect([got, refused]).toEqual([[], [1008]])
    expect(node.getStatistics()).toMatchObject({ strayPackets: 1, statelessResets: 0 })
  })

  // spec: STT-PKT-39
  test('one address gets sixteen answers a second, however many links it opens', async () => {
    const { node, open, random, loop } = await listener()
    const answered = (host: string): number => {
      let answers = 0
      for (let i = 0; i < 30; i++) {
        const { got, refused, send } = open(host)
        send(stray(random.bytes(8)))
        expect(refused).toHaveLength(got.length)
        answers += got.length
      }
      return answers
    }
    expect([answered('192.0.2.1'), answered('192.0.2.99'), answered('203.0.113.1')]).toEqual([16, 0, 16])
    loop.runUntil(loop.now + 1_000)
    expect(answered('192.0.2.1')).toBe(16)
    expect(node.getStatistics()).toMatchObject({ strayPackets: 120, statelessResets: 48 })
  })
})

/** Stands between a dialer and a listener and sees what passes. */
class Relay {
  readonly toServer: Uint8Array[] = []
  readonly toClient: Uint8Array[] = []
  readonly #public = createSocket('udp4')
  readonly #upstream = createSocket('udp4')
  client: RemoteInfo | undefined

  async start(serverPort: number): Promise<number> {
    await Promise.all([bind(this.#public), bind(this.#upstream)])
    this.#public.on('message', (packet, from) => {
      this.client = from
      this.toServer.push(packet)
      this.#upstream.send(packet, serverPort, '127.0.0.1')
    })
    this.#upstream.on('message', packet => {
      this.toClient.push(packet)
      this.#public.send(packet, this.client!.port, this.client!.address)
    })
    return this.#public.address().port
  }

  /** Sends as if it were the server. */
  forge(packet: Uint8Array): void {
    this.#public.send(packet, this.client!.port, this.client!.address)
  }
}

const sockets: Socket[] = []
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.close()
})

async function bind(socket: Socket): Promise<Socket> {
  sockets.push(socket)
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return socket
}

const portOf = (address: string): number => Number(new URL(address).port)

describe('over real sockets', () => {
  test('a reset from another address ends nothing, and one from the right address ends the session', async () => {
    const seed = Seed.generate()
    const server = await createNode({ seed, ...SERVER, listen: ['udp://127.0.0.1:0'] })
    const client = await createNode({ seed })
    const relay = new Relay()
    const port = await relay.start(portOf(server.addresses[0]!))
    const dialed = await client.connect(`udp://127.0.0.1:${port}`)
    await dialed.ping()
    const reset = resetFor(relay.toServer.findLast(isPacket)!.slice(1, 9))
    const stranger = await bind(createSocket('udp4'))
    for (let i = 0; i < 10; i++) stranger.send(reset, relay.client!.port, relay.client!.address)
    for (let i = 0; i < 3; i++) await dialed.ping()
    expect(dialed.state).toBe('active')
    relay.forge(reset)
    expect(await dialed.closed).toMatchObject({ by: 'reset', error: { code: 'STT_TRUNCATED' } })
  })

  // spec: STT-PKT-39
  test('nobody learns the token of an id in use by asking at another address of the node', async () => {
    const seed = Seed.generate()
    const server = await createNode({
      seed,
      ...SERVER,
      listen: ['udp://127.0.0.1:0', 'udp://127.0.0.1:0', 'ws://127.0.0.1:0'],
      authorize: ({ metadata }) => (metadata === 'wait' ? new Promise(() => {}) : true),
    })
    const [door, otherDoor] = server.addresses.map(portOf) as [number, number, number]
    const relay = new Relay()
    const port = await relay.start(door)
    const client = await createNode({ seed })
    const dialed = await client.connect(`udp://127.0.0.1:${port}`)
    await dialed.ping()
    const inUse = relay.toServer.findLast(isPacket)!.slice(1, 9)
    // A handshake under way: its RESPONSE names the id that the session would have.
    const calledOff = new AbortController()
    const waiting = rejection(client.connect(`udp://127.0.0.1:${port}`, { metadata: 'wait', signal: calledOff.signal }))
    while (server.getStatistics().pending < 1) await dialed.ping()
    const underWay = relay.toClient.findLast(packet => packet[0] === 0x81)!.slice(16, 24)
    expect(underWay).not.toEqual(inUse)

    const attacker = await bind(createSocket('udp4'))
    const unknown = new Uint8Array(8).fill(9)
    const links = await Promise.all([inUse, underWay].map(() => dialWebSocket(server.addresses[2]!)))
    let told = 0
    for (const [i, link] of links.entries()) {
      link.onPacket = () => void told++
      link.send(stray(i === 0 ? inUse : underWay))
    }
    for (const id of [inUse, underWay, unknown]) attacker.send(stray(id), otherDoor, '127.0.0.1')
    const [answer] = (await once(attacker, 'message')) as [Buffer]
    expect(new Uint8Array(answer.subarray(-16))).toEqual(resetFor(unknown).slice(-16))
    // What came on the WebSockets was dealt with: their eighth message of no use closes them.
    const closed = links.map(link => new Promise<void>(resolve => { link.onClose = () => resolve() })) // biome-ignore format: one line
    for (const link of links) for (let i = 0; i < 7; i++) link.send(stray(unknown))
    await Promise.all(closed)
    expect(told).toBe(0)
    expect(server.getStatistics()).toMatchObject({ strayPackets: 1, statelessResets: 1 })
    expect(await dialed.ping()).toBeGreaterThanOrEqual(0)
    calledOff.abort()
    await waiting
  })
})
