import { Seed } from '@stt/crypto'
import { createRandom, type LinkPair, type LinkPairOptions, linkPair, type VirtualTimer } from '@stt/testing'
import { createPathController, type UdpListener, type UdpRemote } from '@stt/transport-udp'
import type { Clock } from '../src/clock.ts'
import type { Environment } from '../src/environment.ts'
import type { NodeOptions, Session } from '../src/index.ts'
import { NodeCore } from '../src/node-core.ts'
import { UdpDoor } from '../src/udp-door.ts'
import { collect, first } from './nodes.ts'

/** A whole node whose clock, network and randomness all come from one seed. */
class VirtualNode extends NodeCore {
  static create(options: NodeOptions, environment: Environment): Promise<VirtualNode> {
    return new VirtualNode(options, environment).listen()
  }
}

export interface VirtualPair {
  readonly pair: LinkPair
  readonly server: NodeCore
  readonly client: NodeCore
  /** Lets virtual time pass until `promise` settles. @throws when it does not by `deadline`, or nothing is left to happen */
  run<T>(promise: Promise<T>, deadline?: number): Promise<T>
}

const REMOTE: UdpRemote = { address: '10.0.0.2', port: 50_000 }

/** Two nodes over a virtual datagram network. */
export async function virtualNodes(
  network: Omit<LinkPairOptions, 'kind'>,
  options: Partial<NodeOptions> = {},
): Promise<VirtualPair> {
  const pair = linkPair({ ...network, kind: 'datagram' })
  const random = createRandom(network.seed).fork('nodes')
  const clock: Clock = {
    now: () => pair.loop.now,
    setTimer: (callback, delay) => pair.loop.after(delay, callback),
    clearTimer: timer => pair.loop.cancel(timer as VirtualTimer | undefined),
  }
  const environment: Environment = {
    clock,
    entropy: length => random.bytes(length),
    openDoor: async (_text, _address, context) => new UdpDoor(virtualListener(pair), context),
    openLink: async () => ({
      link: pair.client,
      controller: createPathController({ maxDatagramSize: pair.client.maxPacketSize }),
    }),
    warn: error => {
      throw error
    },
  }
  const seed = Seed.fromBytes(random.bytes(32))
  const server = await VirtualNode.create({ ...options, seed, listen: ['udp://10.0.0.1:4433'] }, environment)
  const client = await VirtualNode.create({ ...options, seed }, environment)
  return { pair, server, client, run: (promise, deadline) => run(pair, promise, deadline) }
}

/** One transfer as an application makes it: bytes to the server, their count back; then both ends close. */
export async function transfer(
  nodes: VirtualPair,
  bytes: Uint8Array,
): Promise<{ received: Uint8Array; session: Session }> {
  const receiving = first(nodes.server.sessions()).then(async accepted => {
    const stream = await first(accepted.streams())
    const received = await collect(stream)
    await stream.write(new Uint8Array([1]))
    await stream.end()
    return received
  })
  const session = await nodes.client.connect('udp://10.0.0.1:4433')
  const stream = await session.openStream()
  await stream.write(bytes)
  await stream.end()
  await collect(stream)
  return { received: await receiving, session }
}

export async function run<T>(
  pair: LinkPair,
  promise: Promise<T>,
  deadline: number = Number.POSITIVE_INFINITY,
): Promise<T> {
  let settled = false
  const settle = (): void => {
    settled = true
  }
  promise.then(settle, settle)
  for (;;) {
    // What the last event set off in promises comes before the next event.
    await new Promise(resolve => setImmediate(resolve))
    if (settled) return promise
    if (pair.loop.now > deadline) throw new Error(`not done after ${deadline} virtual milliseconds`)
    if (!pair.loop.step()) throw new Error('nothing is left to happen, and it is not done')
  }
}

/** The server's end of the pair as the listener that a door takes: one address, and everything comes from it. */
function virtualListener(pair: LinkPair): UdpListener {
  const { server } = pair
  const toStranger = (packet: Uint8Array): void => listener.onDatagram(packet, REMOTE)
  const listener: UdpListener = {
    address: 'udp://10.0.0.1:4433',
    onDatagram: () => {},
    send: packet => server.send(packet),
    link: () => ({
      kind: 'datagram',
      remote: server.remote,
      local: 'udp://10.0.0.1:4433',
      get maxPacketSize() {
        return server.maxPacketSize
      },
      send: packet => server.send(packet),
      set onPacket(handler: (packet: Uint8Array) => void) {
        server.onPacket = handler
      },
      set onDrain(handler: () => void) {
        server.onDrain = handler
      },
      set onClose(handler: (reason?: Error) => void) {
        server.onClose = handler
      },
      close() {
        server.onPacket = toStranger
      },
      getStatistics() {
        throw new Error('a virtual link keeps no statistics')
      },
    }),
    close: async () => server.close(),
    getStatistics() {
      throw new Error('a virtual listener keeps no statistics')
    },
  }
  server.onPacket = toStranger
  return listener
}
