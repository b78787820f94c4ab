import type { Link } from '@stt/frame'
import type { HandshakeResult, HandshakeRun } from '@stt/handshake'
import { type SessionEngine, Tier } from '@stt/session'
import { StreamManager } from '@stt/stream'
import { parseAddress } from '../addresses/address.ts'
import type { SessionMetrics } from '../observe/observer.ts'
import { isAtRelay } from '../relay/relay-address.ts'
import { type Dialed, PathKeeper } from '../session/path-keeper.ts'
import { SessionCore, type SessionHandle } from '../session/session-core.ts'
import type { SessionDriver } from '../session/session-driver.ts'
import type { StreamCore } from '../stream/stream-core.ts'
import type { HeldMemory } from './memory-budget.ts'
import type { NodeContext } from './node-context.ts'

/** Who is told of a session's life. */
export interface SessionObserver<S extends StreamCore> {
  /** The peer has proved that it holds the session's keys. */
  readonly onConfirmed: () => void
  /** The peer has ended it: all that is left to do is to absorb late packets. */
  readonly onOver: (handle: SessionHandle<S>) => void
  /** It is silent, and kept for its peer's return. */
  readonly onDormant: (handle: SessionHandle<S>) => void
  /** The node holds too much, and this session most of it: it is to be ended. */
  readonly onOverMemory: (handle: SessionHandle<S>) => void
  /** @param forget lets go of the memory that the session was counted with */
  readonly onClosed: (handle: SessionHandle<S>, forget: () => void) => void
}

/** Makes the session of a finished handshake and sets it going over the link that the handshake ran on. */
export function establish<S extends StreamCore>(
  result: HandshakeResult,
  { seedIndex }: HandshakeRun,
  link: Link,
  context: NodeContext<S>,
  dialed: Dialed | undefined,
  { onConfirmed, onOver, onOverMemory, onDormant, onClosed }: SessionObserver<S>,
): SessionHandle<S> {
  const { role, peerLimits } = result
  const { limits, transportLimits, keepAlive } = context
  const punching = result.paths.punch ? context.punching : undefined
  const tierOf = ({ lossy, remote }: Link): number =>
    lossy ? context.dialer.tierOf(parseAddress(remote)) : messageTier(remote)
  const streams = new StreamManager({
    role,
    local: transportLimits,
    peer: peerLimits,
    limits: {
      streamWindow: limits.streamWindow,
      maxStreamWindow: limits.maxStreamWindow,
      maxSessionWindow: limits.maxSessionWindow,
      maxStreamSend: limits.maxStreamSend,
      maxSessionSend: limits.maxSessionSend,
      maxGaps: limits.maxGaps,
      maxSessionGaps: limits.maxSessionGaps,
      maxPartialMessages: limits.maxPartialMessages,
      streamIdle: limits.streamIdle,
    },
    onWake: () => handle.driver.schedule(),
  })
  const watcher = context.watcher?.onSession(
    {
      id: result.sessionId,
      peerId: result.peerId,
      role,
      address: link.remote,
      localCid: result.localCid,
      remoteCid: result.remoteCid,
      metrics: () => metricsOf(engine),
    },
    context.clock.now(),
  )
  const engine: SessionEngine = context.endpoint.sessions.create({
    role,
    id: result.sessionId,
    localCid: result.localCid,
    remoteCid: result.remoteCid,
    peerId: result.peerId,
    secrets: result.secrets,
    ...(result.resetToken && { resetToken: result.resetToken }),
    localLimits: transportLimits,
    peerLimits,
    source: streams,
    entropy: context.entropy,
    ...(context.follow && { follow: context.follow }),
    ...(punching && { punching: punching.plugin }),
    tierOf,
    provider: context.provider,
    ...(watcher && { observer: watcher }),
    options: {
      keepAlive,
      detachedTimeout: limits.detachedTimeout,
      dormantTimeout: result.paths.detached,
      datagramQueue: limits.datagramQueue,
    },
  })
  const held: HeldMemory = {
    engine,
    streams,
    datagramBytes: () => handle.unreadDatagramBytes(),
    end: () => onOverMemory(handle),
  }
  const handle: SessionHandle<S> = SessionCore.create({
    createStream: context.createStream,
    engine,
    streams,
    clock: context.clock,
    peer: Object.freeze({
      id: result.peerId,
      address: link.remote,
      seed: seedIndex,
      metadata: result.peerMetadata,
    }),
    closeDeadline: limits.closeDeadline,
    streamIdle: limits.streamIdle,
    warn: context.warn,
    watcher,
    onConfirmed,
    onDrained: () => context.memory.count(held),
    onFault: cause => context.guard.report(cause),
    onOver: () => onOver(handle),
    onLinkTaken: taken => context.endpoint.settle(taken),
    keepPaths: dialed && (driver => keepPaths(dialed, link, driver, context)),
    punch: punching && (driver => punching.puncher.watch(driver, round => watcher?.onPunched(round))),
    onDormant: () => onDormant(handle),
    onClosed() {
      context.endpoint.remove(engine)
      onClosed(handle, () => context.memory.release(held))
    },
  })
  context.memory.add(held)
  context.endpoint.add(engine, handle)
  handle.driver.attach(
    link,
    dialed ? context.dialer.tierOf({ ...parseAddress(dialed.text), host: dialed.host }) : tierOf(link),
  )
  return handle
}

const messageTier = (remote: string): number => (isAtRelay(remote) ? Tier.Relayed : Tier.Message)

function keepPaths(dialed: Dialed, link: Link, driver: SessionDriver, context: NodeContext): PathKeeper {
  const { clock, entropy, guard, network, dialer, paths } = context
  return new PathKeeper({ ...dialed, clock, entropy, guard, network, dialer, link, standby: paths.standby, session: driver }) // biome-ignore format: one line
}

function metricsOf(engine: SessionEngine): SessionMetrics {
  const { rtt, packetsOutstanding, path } = engine.getStatistics()
  return {
    rtt: path?.smoothedRtt ?? rtt,
    packetsInFlight: packetsOutstanding,
    ...(path && {
      minRtt: path.minRtt,
      congestionWindow: path.congestionWindow,
      bytesInFlight: path.bytesInFlight,
    }),
  }
}
