import { provider as defaultProvider, equalBytes } from '@stt/crypto'
import { SttError } from '@stt/errors'
import { Fifo, type Link, PACKET_OVERHEAD, ProtocolError, packetNumberOf } from '@stt/frame'
import { DEFAULT_KEY_UPDATE_LIMITS, KeyUpdates } from './keys/key-updates.ts'
import { PacketOpener } from './keys/packet-opener.ts'
import { PacketSealer } from './keys/packet-sealer.ts'
import { Lifecycle } from './life/lifecycle.ts'
import type { PacketObserver } from './packet-observer.ts'
import { Path, probeTimeoutOf } from './path/path.ts'
import { PathProbes } from './path/path-probes.ts'
import { Paths } from './path/paths.ts'
import { AckScheduler } from './receive/ack-scheduler.ts'
import { IncomingDatagrams } from './receive/incoming-datagrams.ts'
import { OwnFrames } from './receive/own-frames.ts'
import { PacketReceiver } from './receive/packet-receiver.ts'
import { ControlFrames } from './send/control-frames.ts'
import { DatagramQueue } from './send/datagram-queue.ts'
import { ACKNOWLEDGED_WITHIN, DeliveryTracker } from './send/delivery-tracker.ts'
import { createFrameFate } from './send/frame-fate.ts'
import { PacketAssembler } from './send/packet-assembler.ts'
import {
  DEFAULT_DATAGRAM_QUEUE,
  DEFAULT_KEEP_ALIVE,
  DEFAULT_MAX_FAILURES,
  type SessionConfig,
} from './session-config.ts'
import type { SessionEvent, SessionOutput } from './session-events.ts'
import { type DropReason, SessionCounters } from './statistics.ts'

/** The moving parts of a session, and the order in which packets, time and events go through them. */
export class SessionEngine {
  readonly sealer: PacketSealer
  readonly opener: PacketOpener
  readonly control: ControlFrames = new ControlFrames()
  readonly datagrams: DatagramQueue
  readonly deliveries: DeliveryTracker
  readonly keyUpdates: KeyUpdates
  readonly assembler: PacketAssembler
  readonly receiver: PacketReceiver
  readonly lifecycle: Lifecycle
  readonly counters: SessionCounters = new SessionCounters()
  readonly #exporter: Uint8Array
  readonly #resetToken: Uint8Array | undefined
  readonly #probes: PathProbes
  readonly #ownFrames: OwnFrames
  readonly #events = new Fifo<SessionEvent>()
  readonly #incomingDatagrams: IncomingDatagrams
  readonly #onClosed: (() => void) | undefined
  readonly #observer: PacketObserver | undefined
  readonly #paths: Paths
  #disposed = false
  /** The link whose failure was told last: once is enough, however much more comes over it. */
  #failedLink: Link | undefined

  /** @param idleTimeout milliseconds of silence that end the session */
  constructor(config: SessionConfig, idleTimeout: number) {
    const {
      options = {},
      provider = defaultProvider,
      role,
      source,
      entropy,
      secrets,
      localCid,
      remoteCid,
      now,
    } = config
    const { control, counters } = this
    const { keepAlive = DEFAULT_KEEP_ALIVE } = options
    const acks = new AckScheduler()
    const emit = (event: SessionEvent): void => this.#events.push(event)
    const paths = new Paths(emit)
    const currentPath = (): Path | undefined => paths.active
    const sealer = new PacketSealer(provider, take(secrets.send), remoteCid, options.maxPacketNumber)
    const opener = new PacketOpener(provider, take(secrets.receive))
    const datagrams = new DatagramQueue(options.datagramQueue ?? DEFAULT_DATAGRAM_QUEUE, emit)
    const deliveries = new DeliveryTracker(createFrameFate(source, control, emit), config.observer)
    const keyUpdates = new KeyUpdates({
      sealer,
      opener,
      limits: { ...DEFAULT_KEY_UPDATE_LIMITS, ...options.keyUpdate },
      now,
      onEpoch: epoch => emit({ type: 'epoch', epoch }),
    })
    // Only an initiator opens links, so only a responder has a peer that can turn up somewhere else.
    const probes = new PathProbes(paths, entropy, role === 'responder')
    const sendsKeepAlive = role === 'initiator' && keepAlive !== false
    const lifecycle = new Lifecycle({
      role,
      now,
      idleTimeout,
      detachedTimeout: options.detachedTimeout ?? idleTimeout,
      keepAlive: sendsKeepAlive ? Math.min(keepAlive, idleTimeout / 2) : Number.POSITIVE_INFINITY,
      currentPath,
      emit,
    })
    const incomingDatagrams = new IncomingDatagrams(config.localLimits.maxDatagram, emit)
    const ownFrames = new OwnFrames({ role, datagrams: incomingDatagrams, sealer, opener, keyUpdates, acks, deliveries, probes, lifecycle, currentPath, onProved: path => this.#onProved(path) }) // biome-ignore format: one line
    this.receiver = new PacketReceiver({
      opener,
      acks,
      source,
      counters,
      handler: ownFrames,
      localCid,
      maxFailures: options.maxFailures ?? DEFAULT_MAX_FAILURES,
      onVerified: (packetNumber, size, at) => this.#onVerified(packetNumber, size, at),
    })
    this.assembler = new PacketAssembler({ sealer, acks, keyUpdates, control, datagrams, source, deliveries, entropy })
    this.sealer = sealer
    this.opener = opener
    this.datagrams = datagrams
    this.deliveries = deliveries
    this.keyUpdates = keyUpdates
    this.lifecycle = lifecycle
    this.#paths = paths
    this.#probes = probes
    this.#ownFrames = ownFrames
    this.#incomingDatagrams = incomingDatagrams
    this.#exporter = take(secrets.exporter)
    this.#resetToken = config.resetToken?.slice()
    this.#onClosed = config.onClosed
    this.#observer = config.observer
    if (role === 'initiator') control.queueHandshakeDone()
  }

  get path(): Path | undefined {
    return this.#paths.active
  }

  /** Every link that the session uses, the active one first. */
  get links(): readonly Link[] {
    return this.#paths.links
  }

  /** Bytes of memory that grow with what the two programs do; the streams count their own. */
  get bytesHeld(): number {
    return this.#incomingDatagrams.bytes + this.datagrams.bytes + this.deliveries.remembered * BYTES_OF_A_SENT_PACKET
  }

  /** Datagrams of the peer that were dropped, as too many waited to be polled. */
  get datagramsDropped(): number {
    return this.#incomingDatagrams.dropped
  }

  /** What application keys derive from; zeros once the session is closed. */
  get exporter(): Uint8Array {
    return this.#exporter
  }

  attach(link: Link): void {
    const { active } = this.#paths
    if (active) this.#leave(active)
    this.#paths.activate(new Path(link, false))
    this.lifecycle.onAttached()
  }

  addPath(link: Link): void {
    this.#paths.add(link, true)
  }

  moveTo(link: Link): void {
    const path = this.#paths.find(link)
    if (!path?.validated) throw notProved(link)
    this.#moveTo(path)
  }

  detach(link: Link, now: number): void {
    const path = this.#paths.find(link)
    if (!path) return
    if (path !== this.#paths.active) return this.#paths.forget(path)
    this.#leave(path)
    const next = this.#nextPath()
    if (next) this.#moveTo(next)
    else this.lifecycle.onDetached(now)
  }

  /** The link ended and nothing can take its place. */
  endWithLink(link: Link, cause: Error | undefined, now: number): void {
    const path = this.#paths.find(link)
    const isLast = path !== undefined && path === this.#paths.active && this.#paths.links.length === 1
    this.detach(link, now)
    if (isLast) this.lifecycle.onLinkLost(cause)
  }

  /** The program stood still until `now`. */
  onStall(now: number): void {
    this.lifecycle.onStall(now)
    this.path?.recovery?.onStall(now)
  }

  /** The link of another address that the peer may be at, while that is being found out. */
  get candidate(): Link | undefined {
    return this.#probes.candidate
  }

  setWritable(link: Link, writable: boolean): void {
    const path = this.#paths.find(link)
    if (path) path.blocked = !writable
  }

  receive(packet: Uint8Array, link: Link, now: number): boolean {
    if (this.lifecycle.isDone) {
      this.counters.dropped.closed++
      this.#observer?.onPacketDropped?.('closed', packet.length, now)
      return false
    }
    if (this.lifecycle.isDeaf) {
      const isAuthentic = this.receiver.isAuthentic(packet, now)
      if (isAuthentic) this.lifecycle.onVerified(now)
      return isAuthentic
    }
    const path = this.#paths.active
    this.#ownFrames.begin(link, packet.length, now)
    try {
      const closeOnly = !this.lifecycle.isOpen
      const rtt = path?.rtt.smoothed ?? 0
      const dropped = this.receiver.receive(packet, now, link, 3 * probeTimeoutOf(path), closeOnly, rtt)
      if (dropped) return this.#onDropped(dropped, packet, link, now)
      const moved = this.#probes.onPacket(link, packet.length, this.receiver.isNewest)
      if (moved) this.#moveTo(moved)
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      this.lifecycle.onViolation(error, now)
    }
    return true
  }

  poll(now: number): SessionOutput {
    this.handleTimeout(now)
    const event = this.#events.shift()
    if (event) {
      this.#incomingDatagrams.onTaken(event)
      return { type: 'event', event }
    }
    if (this.#transmit(now)) {
      const { packet } = transmitOutput
      this.counters.onSent(packet.length)
      if (this.#observer?.onPacketSent) this.#observer.onPacketSent(packetNumberOf(packet) ?? 0, packet.length, now)
      return transmitOutput
    }
    this.lifecycle.onNothingToSend(now)
    // Sending can settle things: what that says comes before the session may sleep.
    if (this.#events.length > 0) return this.poll(now)
    timeoutOutput.at = this.#nextDeadline(now)
    this.lifecycle.sleep(timeoutOutput.at)
    return timeoutOutput
  }

  handleTimeout(now: number): void {
    const { lifecycle } = this
    this.opener.expire(now)
    if (lifecycle.isOpen) this.#onTime(now)
    lifecycle.onTime(now, lifecycle.isFlushing && this.deliveries.outstanding === 0 && !this.assembler.pending)
    if (lifecycle.state === 'closed') this.#dispose()
  }

  discard(): void {
    this.lifecycle.discard()
    this.#dispose()
  }

  #onTime(now: number): void {
    const path = this.#paths.active
    if (path?.recovery && now >= path.recovery.timeout) this.deliveries.onTimeout(path, now)
    // spec: STT-PKT-44
    if (path && now >= this.#overdueAt(path)) this.#failLink(path.link, unacknowledged(path.link))
    // A new epoch shows in the packets that follow: an idle session sends one for it.
    const keysWantPing = this.keyUpdates.service(now, probeTimeoutOf(path))
    if (keysWantPing || this.lifecycle.takeKeepAlive(now)) this.control.queueOwnPing()
    if (this.sealer.remaining <= RESERVED_FOR_CLOSE) this.lifecycle.onExhausted(now)
  }

  /** Puts the next packet into `transmitOutput`. @returns whether there is one */
  #transmit(now: number): boolean {
    const path = this.#paths.active
    const { lifecycle, assembler } = this
    if (!path || lifecycle.state === 'closed') return false
    const { closing } = lifecycle
    if (closing) {
      // At its deadline CLOSE waits no longer for a link that is full: one packet more is taken, and without it the peer
      // would not learn why the session ended.
      const waits = path.blocked && !lifecycle.isLastChance(now)
      if (!closing.owesClose || waits || this.sealer.remaining === 0) return false
      const packet = assembler.close(path, closing, now)
      lifecycle.onCloseSent(now)
      return transmits(path.link, packet)
    }
    const probe = this.#probes.next(probeTimeoutOf(path), now)
    if (probe && !this.#paths.find(probe.link)?.blocked) return transmits(probe.link, assembler.path(probe))
    const packet = path.blocked ? undefined : assembler.next(path, now, lifecycle.isFlushing)
    return packet !== undefined && transmits(path.link, packet)
  }

  #nextDeadline(now: number): number {
    const path = this.#paths.active
    const at = Math.min(this.lifecycle.deadline, this.opener.expiresAt)
    if (!path || !this.lifecycle.isOpen) return at
    const keys = this.keyUpdates.dueAt(now, probeTimeoutOf(path))
    const ofPath = Math.min(path.recovery?.timeout ?? this.#overdueAt(path), this.#probes.deadline)
    return Math.min(at, keys, ofPath, path.blocked ? Number.POSITIVE_INFINITY : this.assembler.nextAt(path, now))
  }

  #onVerified(packetNumber: number, size: number, now: number): boolean {
    this.counters.onReceived(size)
    this.#observer?.onPacketReceived?.(packetNumber, size, now)
    this.lifecycle.onVerified(now)
    return this.keyUpdates.follow(now)
  }

  // spec: STT-PKT-21 STT-PKT-22 STT-PKT-40
  #onDropped(reason: DropReason, packet: Uint8Array, link: Link, now: number): false {
    this.#observer?.onPacketDropped?.(reason, packet.length, now)
    const path = this.#paths.find(link)
    if (!link.lossy) {
      // Such a link alters nothing: whoever wrote this holds no key, and what it replaced will not come again.
      if (path && reason !== 'duplicate' && this.#failedLink !== link) this.#failLink(link, unverified(link, reason))
      return false
    }
    const token = this.#resetToken
    const isActive = path !== undefined && path === this.#paths.active
    if (!token || packet.length < PACKET_OVERHEAD || !isActive) return false
    if (equalBytes(packet.subarray(-token.length), token)) this.lifecycle.onReset()
    return false
  }

  #overdueAt({ link }: Path): number {
    return !link.lossy && link !== this.#failedLink ? this.deliveries.overdueAt : Number.POSITIVE_INFINITY
  }

  #failLink(link: Link, error: SttError): void {
    this.#failedLink = link
    this.#events.push({ type: 'link-failed', link, error })
  }

  /** The peer is where `path` leads. */
  #onProved(path: Path): void {
    if (path.isOwn) this.#events.push({ type: 'path-validated', link: path.link })
    else this.#moveTo(path)
  }

  /** Goes on over another path: what was not acknowledged is sent again there. */
  // spec: STT-PKT-37
  #moveTo(path: Path): void {
    const { active } = this.#paths
    if (path === active) return
    if (active) this.#leave(active)
    this.#paths.activate(path)
    this.lifecycle.onAttached()
    this.#events.push({ type: 'path-changed', link: path.link })
    if (!active) return
    // A listener's address is forgotten; a link with a connection, or one of this side's own, can be come back to.
    if (active.isOwn || !active.link.lossy || path.isOwn) this.#paths.keep(active)
    else this.#events.push({ type: 'path-closed', link: active.link })
  }

  #leave(path: Path): void {
    this.deliveries.leave(path.link)
    this.#probes.reset()
    this.#paths.forget(path)
  }

  /** Of the paths beside the active one, one that proved itself. */
  #nextPath(): Path | undefined {
    for (const path of this.#paths.others) if (path.validated) return path
    return undefined
  }

  #dispose(): void {
    if (this.#disposed) return
    this.#disposed = true
    this.deliveries.abandon()
    this.datagrams.clear()
    this.sealer.dispose()
    this.opener.dispose()
    this.#exporter.fill(0)
    this.#resetToken?.fill(0)
    this.#events.push({ type: 'closed' })
    this.#onClosed?.()
  }
}

/** A secret that changes owner. */
function take(secret: Uint8Array): Uint8Array {
  const copy = secret.slice()
  secret.fill(0)
  return copy
}

function unverified({ remote }: Link, reason: DropReason): SttError {
  const message = `what came from ${remote} was no packet of the session's peer (${reason}): something between the two changed or added it`
  return new SttError('STT_LINK_FAILED', message, { details: { reason } })
}

function unacknowledged({ remote }: Link): SttError {
  const seconds = ACKNOWLEDGED_WITHIN / 1_000
  const message = `the peer at ${remote} has not acknowledged for ${seconds} s what was sent to it: it stopped, or does not keep to the protocol`
  return new SttError('STT_LINK_FAILED', message)
}

function notProved({ remote }: Link): SttError {
  const message = `the peer has not answered over the link to ${remote}: wait for path-validated before the session moves there`
  return new SttError('STT_INVALID_STATE', message)
}

function transmits(link: Link, packet: Uint8Array): true {
  transmitOutput.packet = packet
  transmitOutput.to = link
  return true
}

const transmitOutput: { type: 'transmit'; packet: Uint8Array; to: Link } = {
  type: 'transmit',
  packet: new Uint8Array(0),
  to: undefined as unknown as Link,
}
const timeoutOutput = { type: 'timeout' as const, at: 0 }

/** What is remembered of a packet with a frame or two, roughly. */
const BYTES_OF_A_SENT_PACKET = 256

/** Packet numbers that nothing but CLOSE uses. */
const RESERVED_FOR_CLOSE = 1_024
