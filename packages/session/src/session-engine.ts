import { provider as defaultProvider, equalBytes } from '@stt/crypto'
import { SttError } from '@stt/errors'
import { Fifo, type Link, PACKET_OVERHEAD, ProtocolError, packetNumberOf } from '@stt/frame'
import { DEFAULT_KEY_UPDATE_LIMITS, KeyUpdates } from './keys/key-updates.ts'
import { PacketOpener } from './keys/packet-opener.ts'
import { PacketSealer } from './keys/packet-sealer.ts'
import { Lifecycle } from './life/lifecycle.ts'
import type { PacketObserver } from './packet-observer.ts'
import { createPath, type Path, probeTimeoutOf } from './path/path.ts'
import { PathProbes } from './path/path-probes.ts'
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
  #path: Path | undefined
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
    const currentPath = (): Path | undefined => this.#path
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
    const probes = new PathProbes(role === 'responder' ? entropy : undefined)
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
    const ownFrames = new OwnFrames({ role, datagrams: incomingDatagrams, sealer, opener, keyUpdates, acks, deliveries, probes, lifecycle, currentPath, emit }) // biome-ignore format: one line
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
    return this.#path
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
    this.#leavePath()
    this.#path = createPath(link)
    this.lifecycle.onAttached()
  }

  detach(link: Link, now: number): void {
    if (this.#path?.link !== link) return
    this.#leavePath()
    this.lifecycle.onDetached(now)
  }

  /** The link ended and nothing can take its place. */
  endWithLink(link: Link, cause: Error | undefined, now: number): void {
    if (this.#path?.link !== link) return
    this.detach(link, now)
    this.lifecycle.onLinkLost(cause)
  }

  /** The program stood still until `now`. */
  onStall(now: number): void {
    this.lifecycle.onStall(now)
    this.#path?.recovery?.onStall(now)
  }

  /** The link of another address that the peer may be at, while that is being found out. */
  get candidate(): Link | undefined {
    return this.#probes.candidate
  }

  setWritable(link: Link, writable: boolean): void {
    if (this.#path?.link === link) this.#path.blocked = !writable
  }

  receive(packet: Uint8Array, link: Link, now: number): void {
    if (this.lifecycle.isDone) {
      this.counters.dropped.closed++
      this.#observer?.onPacketDropped?.('closed', packet.length, now)
      return
    }
    if (this.lifecycle.isDeaf) {
      if (this.receiver.isAuthentic(packet, now)) this.lifecycle.onVerified(now)
      return
    }
    const path = this.#path
    this.#ownFrames.begin(link, packet.length, now)
    try {
      const closeOnly = !this.lifecycle.isOpen
      const rtt = path?.rtt.smoothed ?? 0
      const dropped = this.receiver.receive(packet, now, link, 3 * probeTimeoutOf(path), closeOnly, rtt)
      if (dropped) this.#onDropped(dropped, packet, link, now)
      else if (path) this.#probes.onPacket(link, packet.length, this.receiver.isNewest, path)
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      this.lifecycle.onViolation(error, now)
    }
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
    const path = this.#path
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
    const path = this.#path
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
    const probe = this.#probes.next(path, probeTimeoutOf(path), now)
    if (probe && !(path.blocked && probe.link === path.link)) return transmits(probe.link, assembler.path(probe))
    const packet = path.blocked ? undefined : assembler.next(path, now, lifecycle.isFlushing)
    return packet !== undefined && transmits(path.link, packet)
  }

  #nextDeadline(now: number): number {
    const path = this.#path
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
  #onDropped(reason: DropReason, packet: Uint8Array, link: Link, now: number): void {
    this.#observer?.onPacketDropped?.(reason, packet.length, now)
    if (!link.lossy) {
      // Such a link alters nothing: whoever wrote this holds no key, and what it replaced will not come again.
      if (reason !== 'duplicate' && this.#failedLink !== link) this.#failLink(link, unverified(link, reason))
      return
    }
    const token = this.#resetToken
    if (!token || packet.length < PACKET_OVERHEAD || link !== this.#path?.link) return
    if (equalBytes(packet.subarray(-token.length), token)) this.lifecycle.onReset()
  }

  #overdueAt({ link }: Path): number {
    return !link.lossy && link !== this.#failedLink ? this.deliveries.overdueAt : Number.POSITIVE_INFINITY
  }

  #failLink(link: Link, error: SttError): void {
    this.#failedLink = link
    this.#events.push({ type: 'link-failed', link, error })
  }

  #leavePath(): void {
    if (!this.#path) return
    this.deliveries.leave(this.#path.link)
    this.#probes.reset()
    this.#path = undefined
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
