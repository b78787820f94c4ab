import { provider, Seed } from '@stt/crypto'
import type { Link, LossRecovery } from '@stt/frame'
import { createLossRecovery } from '@stt/recovery'
import { createRandom, type LinkPair, type LinkPairOptions, linkPair } from '@stt/testing'
import type { Environment } from '../src/core/environment.ts'
import { NodeCore } from '../src/core/node-core.ts'
import type { NodeOptions, Session } from '../src/index.ts'
import { listenerPlugin } from '../src/listen/listener-plugin.ts'
import { openUdpAcceptor } from '../src/listen/udp-acceptor.ts'
import { policyOf } from '../src/peers/peer-rules.ts'
import { NodeStreamCore } from '../src/stream/node-stream-core.ts'
import type { Clock } from '../src/time/clock.ts'
import { collect, first } from './nodes.ts'
import { virtualClock } from './virtual-clock.ts'
import { virtualListener } from './virtual-listener.ts'

/** Two whole nodes whose clock, network and randomness all come from one seed. */
export interface VirtualPair {
  readonly pair: LinkPair
  readonly server: NodeCore<NodeStreamCore>
  readonly client: NodeCore<NodeStreamCore>
  /** Ends the server's process without a word, and starts it again with the same options: from then on it is this one. */
  restart(): Promise<NodeCore<NodeStreamCore>>
  /** Lets virtual time pass until `promise` settles. @throws when it does not by `deadline`, or nothing is left to happen */
  run<T>(promise: Promise<T>, deadline?: number): Promise<T>
}

// Loaded when it is first needed, which takes no virtual time.
await provider.prepare?.()

/** Virtual time begins here, in milliseconds since 1970. */
export const WALL_START = 1_800_000_000_000

/** Two nodes over a virtual datagram network. */
export async function virtualNodes(
  { warn = fail, ...network }: Omit<LinkPairOptions, 'kind'> & Partial<Pick<Environment, 'warn'>>,
  options: Partial<NodeOptions> = {},
  serverOptions: Partial<NodeOptions> = options,
): Promise<VirtualPair> {
  const pair = linkPair({ ...network, kind: 'datagram', createRecovery: link => createLossRecovery({ maxDatagramSize: link.maxPacketSize }) }) // biome-ignore format: one line
  const random = createRandom(network.seed).fork('nodes')
  const clock: Clock = virtualClock(pair.loop)
  let borrowed: BorrowedLink | undefined
  let ports = 50_000
  const serverEnds = new Set([pair.server])
  /** The first is the pair's, as long as it is open; others are from other ports, over the same network. */
  const openLink = (): Link => {
    if (!borrowed || borrowed.isClosed) return (borrowed = new BorrowedLink(pair.client))
    const { client, server: end } = pair.another(`udp://10.0.0.2:${++ports}`)
    serverEnds.add(end)
    server.listener.add(end)
    const close = client.close.bind(client)
    client.close = () => {
      serverEnds.delete(end)
      server.listener.remove(end)
      close()
    }
    return client
  }
  const environment: Environment<NodeStreamCore> = {
    policyOf,
    createStream: NodeStreamCore.create,
    clock,
    entropy: length => random.bytes(length),
    wallClock: () => WALL_START + pair.loop.now,
    listener: listenerPlugin,
    openAcceptor: () => {
      throw new Error('a virtual client does not listen')
    },
    openLink: async () => ({ link: openLink() }),
    warn,
  }
  const seed = Seed.fromBytes(random.bytes(32))
  const startServer = async () => {
    const life = { ended: false }
    const listener = virtualListener(pair.server, { life })
    for (const end of serverEnds) listener.add(end)
    const node = await NodeCore.create(
      { ...serverOptions, seed, listen: ['udp://10.0.0.1:4433'] },
      {
        ...environment,
        clock: { ...clock, setTimer: (callback, delay) => pair.loop.after(delay, () => life.ended || callback()) },
        openAcceptor: async (_text, _address, context) => openUdpAcceptor(listener, context),
      },
    )
    return { node, life, listener }
  }
  let server = await startServer()
  const client = await NodeCore.create({ ...options, seed }, environment)
  return {
    pair,
    client,
    get server() {
      return server.node
    },
    async restart() {
      server.life.ended = true
      server = await startServer()
      return server.node
    },
    run: (promise, deadline) => run(pair, promise, deadline),
  }
}

function fail(error: Error): never {
  throw error
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
  pair: Pick<LinkPair, 'loop'>,
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

/** A link over one end of a pair that outlives it: after its close the end can be dialed over again. */
class BorrowedLink implements Link {
  readonly lossy = true
  readonly ordered = false
  readonly remote: string
  readonly #end: Link
  isClosed = false

  constructor(end: Link) {
    this.#end = end
    this.remote = end.remote
  }

  get maxPacketSize(): number {
    return this.#end.maxPacketSize
  }

  createRecovery(): LossRecovery | undefined {
    return this.#end.createRecovery()
  }

  send(packet: Uint8Array): boolean {
    return this.isClosed || this.#end.send(packet)
  }

  set onPacket(handler: (packet: Uint8Array) => void) {
    this.#end.onPacket = handler
  }

  set onDrain(handler: () => void) {
    this.#end.onDrain = handler
  }

  set onClose(handler: (reason?: Error) => void) {
    this.#end.onClose = handler
  }

  close(): void {
    this.isClosed = true
    this.#end.onPacket = () => {}
  }
}
