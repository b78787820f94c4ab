import { Seed } from '@stt/crypto'
import type { Link, LossRecovery } from '@stt/frame'
import { createLossRecovery } from '@stt/recovery'
import {
  createRandom,
  type LinkPair,
  type LinkPairOptions,
  linkPair,
  type VirtualLoop,
  type VirtualTimer,
} from '@stt/testing'
import type { Environment } from '../src/core/environment.ts'
import { NodeCore } from '../src/core/node-core.ts'
import type { NodeOptions, Session } from '../src/index.ts'
import { listenerPlugin } from '../src/listen/listener-plugin.ts'
import { openUdpAcceptor } from '../src/listen/udp-acceptor.ts'
import { policyOf } from '../src/peers/peer-rules.ts'
import { NodeStreamCore } from '../src/stream/node-stream-core.ts'
import type { Clock } from '../src/time/clock.ts'
import { collect, first } from './nodes.ts'
import { type VirtualListener, virtualListener } from './virtual-listener.ts'
import { run } from './virtual-nodes.ts'

export interface MovingOptions extends Omit<LinkPairOptions, 'kind'> {
  /** Bytes that every path carries; `maxPacketSize`, where it is more, is what is looked for. */
  readonly basePacketSize?: number
  /** Windows of virtual time in which the client's program stands still. */
  readonly stalls?: readonly Stall[]
  readonly node?: Partial<NodeOptions>
}

type Stall = readonly [from: number, to: number]

/** Two nodes with a session over a virtual network in which addresses change, and others send from theirs. */
export interface MovingNodes {
  readonly pair: LinkPair
  readonly server: NodeCore<NodeStreamCore>
  readonly client: NodeCore<NodeStreamCore>
  readonly listener: VirtualListener
  readonly dialed: Session
  readonly accepted: Session
  /** Gives the client another address. */
  rebind(): void
  /** Lets virtual time pass until `promise` settles. */
  run<T>(promise: Promise<T>, deadline?: number): Promise<T>
}

export async function movingNodes({
  basePacketSize,
  stalls = [],
  node = {},
  ...network
}: MovingOptions): Promise<MovingNodes> {
  const createRecovery = ({ maxPacketSize }: Link): LossRecovery =>
    createLossRecovery({ maxDatagramSize: basePacketSize ?? maxPacketSize, probeUpTo: maxPacketSize })
  const pair = linkPair({ ...network, kind: 'datagram', createRecovery })
  const random = createRandom(network.seed).fork('nodes')
  const listener = virtualListener(pair.server, { basePacketSize })
  let opened = 0
  /** The first is the pair's; others are from other ports, over the same network. */
  const openLink = (): Link => {
    if (opened++ > 0) {
      const { client, server } = pair.another(`udp://10.0.0.2:${50_000 + opened}`)
      listener.add(server)
      return client
    }
    return stalls.length > 0 ? stallingLink(pair, stalls) : pair.client
  }
  const environment: Environment<NodeStreamCore> = {
    policyOf,
    createStream: NodeStreamCore.create,
    clock: clockOf(pair.loop, []),
    entropy: length => random.bytes(length),
    wallClock: () => 0,
    listener: listenerPlugin,
    openAcceptor: async (_text, _address, context) => openUdpAcceptor(listener, context),
    openLink: async () => ({ link: openLink() }),
    warn: error => {
      throw error
    },
  }
  const seed = Seed.fromBytes(random.bytes(32))
  const server = await NodeCore.create({ ...node, seed, listen: ['udp://10.0.0.1:4433'] }, environment)
  const client = await NodeCore.create({ ...node, seed }, { ...environment, clock: clockOf(pair.loop, stalls) })
  const accepting = first(server.sessions())
  const dialed = await run(pair, client.connect('udp://10.0.0.1:4433'))
  const accepted = await run(pair, accepting)
  return {
    pair,
    server,
    client,
    listener,
    dialed,
    accepted,
    rebind: () => listener.add(pair.rebind()),
    run: (promise, deadline) => run(pair, promise, deadline),
  }
}

/** Sends bytes on a stream of `from`, and gives what arrived at the other end. */
export async function send(from: Session, to: Session, bytes: Uint8Array): Promise<Uint8Array> {
  const receiving = first(to.streams()).then(collect)
  const stream = await from.openSendStream()
  await stream.write(bytes)
  await stream.end()
  return receiving
}

/** When the program runs again that stands still now. */
const windowEnd = ({ now }: VirtualLoop, stalls: readonly Stall[]): number | undefined =>
  stalls.find(([from, to]) => now >= from && now < to)?.[1]

/** As in Node, a timer waits for a millisecond at least, and none rings while the program stands still. */
const clockOf = (loop: VirtualLoop, stalls: readonly Stall[]): Clock => ({
  now: () => loop.now,
  setTimer(callback, delay) {
    const handle: { timer: VirtualTimer } = { timer: loop.after(Math.max(1, delay), ring) }
    function ring(): void {
      const end = windowEnd(loop, stalls)
      if (end === undefined) callback()
      else handle.timer = loop.schedule(end, ring)
    }
    return handle
  },
  clearTimer: handle => loop.cancel((handle as { timer: VirtualTimer } | undefined)?.timer),
  afterReads: callback => queueMicrotask(callback),
})

/** The client's end, whose packets wait in the socket while the program stands still, and then for its timers. */
function stallingLink({ loop, client }: LinkPair, stalls: readonly Stall[]): Link {
  return {
    lossy: client.lossy,
    ordered: client.ordered,
    createRecovery: () => client.createRecovery(),
    remote: client.remote,
    maxPacketSize: client.maxPacketSize,
    send: packet => client.send(packet),
    close: () => client.close(),
    set onPacket(handler: (packet: Uint8Array) => void) {
      client.onPacket = packet => {
        const end = windowEnd(loop, stalls)
        if (end === undefined) handler(packet)
        else loop.schedule(end + AFTER_TIMERS, () => handler(packet))
      }
    },
    set onDrain(handler: () => void) {
      client.onDrain = handler
    },
    set onClose(handler: (reason?: Error) => void) {
      client.onClose = handler
    },
  }
}

const AFTER_TIMERS = 0.01
