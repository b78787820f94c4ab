import { equalBytes } from '@stt/crypto'
import {
  type ByteReader,
  CloseCode,
  FrameReader,
  type FrameSource,
  type FrameVisitor,
  isPacket,
  JoinKind,
  type Link,
  PACKET_OVERHEAD,
  ProtocolError,
  packetNumberOf,
} from '@stt/frame'
import type { KeyUpdates } from '../keys/key-updates.ts'
import type { PacketOpener } from '../keys/packet-opener.ts'
import type { PacketSealer } from '../keys/packet-sealer.ts'
import type { Lifecycle } from '../life/lifecycle.ts'
import type { PacketObserver } from '../packet-observer.ts'
import type { LinkWatch } from '../path/link-watch.ts'
import { MAX_PACKET_SIZE, type Path } from '../path/path.ts'
import type { Arrival } from '../path/path-policy.ts'
import type { PathProbes } from '../path/path-probes.ts'
import type { Paths } from '../path/paths.ts'
import type { PunchingPart } from '../punch/punching-part.ts'
import type { DeliveryTracker } from '../send/delivery-tracker.ts'
import type { DropReason, SessionCounters } from '../statistics.ts'
import type { AckScheduler } from './ack-scheduler.ts'
import type { IncomingDatagrams } from './incoming-datagrams.ts'

export interface ReceiverParts {
  readonly role: 'initiator' | 'responder'
  readonly opener: PacketOpener
  readonly sealer: PacketSealer
  readonly keyUpdates: KeyUpdates
  readonly acks: AckScheduler
  readonly source: FrameSource
  readonly datagrams: IncomingDatagrams
  readonly deliveries: DeliveryTracker
  readonly paths: Paths
  readonly probes: PathProbes
  /** Undefined where the two sides have not agreed on it. */
  readonly punching: PunchingPart | undefined
  readonly lifecycle: Lifecycle
  readonly linkWatch: LinkWatch
  readonly counters: SessionCounters
  readonly observer: PacketObserver | undefined
  /** Ends the session when it stands at the end of a packet that does not verify; the receiver owns it and wipes it. */
  readonly resetToken: Uint8Array | undefined
  /** This side's connection id. */
  readonly localCid: Uint8Array
  /** Packets that fail to verify before the session gives up. */
  readonly maxFailures: number
  /** A packet verified; its frames come next. Returns whether it begins an epoch that this side follows into. */
  readonly onVerified: (packetNumber: number, size: number, now: number) => boolean
  /** The challenge over a path was answered. */
  readonly onPathAnswered: (path: Path, now: number) => void
}

/**
 * Opens packets, and hands each frame to the streams or to the part of the session that it is about. It also notes what the
 * frames mean for the ACK and for the path.
 */
export class PacketReceiver implements FrameVisitor {
  readonly #parts: ReceiverParts
  readonly #reader: FrameReader = new FrameReader(this)
  /** The link that the current packet came over. */
  #link: Link | undefined
  #size = 0
  #now = 0
  #isNewest = false
  /** Highest number of a packet that was about more than its path. */
  #newest = -1
  #isOwned = false
  /** Only CLOSE among its frames is still acted on. */
  #closeOnly = false
  #isUrgent = false
  #isProbing = true
  #isEliciting = false
  /** Which frames it has held that it may hold once. */
  #acknowledges = false
  #challenges = false
  #responds = false
  /** The serial in its JOIN; 0 without one. */
  #joinSerial = 0

  constructor(parts: ReceiverParts) {
    this.#parts = parts
  }

  get framesRead(): number {
    return this.#reader.framesRead
  }

  /** The facts that the last taken packet shows about its link. The next packet reuses the object. */
  get arrival(): Arrival {
    arrival.link = this.#link!
    arrival.size = this.#size
    arrival.isNewest = this.#isNewest
    arrival.isProbing = this.#isProbing
    arrival.isEliciting = this.#isEliciting
    arrival.asks = this.#challenges
    arrival.joinSerial = this.#joinSerial
    return arrival
  }

  /**
   * @returns whether the packet was taken
   * @throws ProtocolError when the peer, authentically, broke a rule, or when too much failed to verify
   */
  receive(packet: Uint8Array, link: Link, now: number): boolean {
    const { opener, acks, paths, lifecycle, onVerified } = this.#parts
    const packetNumber = this.#isOurs(packet) ? packetNumberOf(packet) : undefined
    if (packetNumber === undefined) return this.#drop('malformed', packet, link, now)
    const { active } = paths
    // The key of an ended epoch is kept as long: packets on a slower path may still come.
    const retention = Math.min(3 * paths.longestProbeTimeout, LONGEST_RETENTION)
    const rtt = active?.rtt.smoothed ?? 0
    const closeOnly = !lifecycle.isOpen
    const opened = opener.open(packet, packetNumber, retention, now)
    if (typeof opened === 'string') return this.#drop(opened, packet, link, now)
    this.#begin(link, packet.length, now)
    this.#isOwned = opened.owned
    this.#closeOnly = closeOnly
    const isFirstOfEpoch = onVerified(packetNumber, packet.length, now)
    this.#isEliciting = this.#reader.read(opened.bytes, 0, opened.length)
    this.#isNewest = !this.#isProbing && packetNumber > this.#newest
    if (this.#isNewest) this.#newest = packetNumber
    acks.onPacket(packetNumber, packet.length, this.#isEliciting, this.#isUrgent || isFirstOfEpoch, link, rtt, now)
    return true
  }

  /** Drops a packet of a session that is over. */
  ignore(packet: Uint8Array, now: number): false {
    this.#parts.counters.dropped.closed++
    this.#parts.observer?.onPacketDropped?.('closed', packet.length, now)
    return false
  }

  /** Whether a packet is new and from the peer. It is not read, and no key moves. */
  isAuthentic(packet: Uint8Array, now: number): boolean {
    const packetNumber = this.#isOurs(packet) ? packetNumberOf(packet) : undefined
    return packetNumber !== undefined && this.#parts.opener.isAuthentic(packet, packetNumber, now)
  }

  dispose(): void {
    this.#parts.resetToken?.fill(0)
  }

  onStream(id: number, offset: number, data: Uint8Array, fin: boolean): void {
    if (this.#takes(fin)) this.#parts.source.onStream(id, offset, data, fin, this.#isOwned)
  }

  onReset(id: number, code: number, finalSize: number): void {
    if (this.#takes(true)) this.#parts.source.onReset(id, code, finalSize)
  }

  onStop(id: number, code: number): void {
    if (this.#takes(false)) this.#parts.source.onStop(id, code)
  }

  onMaxData(max: number): void {
    if (this.#takes(false)) this.#parts.source.onMaxData(max)
  }

  onMaxStreamData(id: number, max: number): void {
    if (this.#takes(false)) this.#parts.source.onMaxStreamData(id, max)
  }

  onMaxStreams(unidirectional: boolean, max: number): void {
    if (this.#takes(false)) this.#parts.source.onMaxStreams(unidirectional, max)
  }

  onPing(): void {
    this.#takes(true)
  }

  onAck(ranges: readonly number[], delay: number): void {
    if (!this.#takes(false)) return
    if (this.#acknowledges) throw repeated('ACK')
    this.#acknowledges = true
    const { deliveries, opener, sealer, keyUpdates, acks, paths } = this.#parts
    const { nextPacketNumber } = sealer
    const arrivedOn = paths.find(this.#link!)
    const outcome = deliveries.onAck(ranges, delay, opener.openedEpoch, nextPacketNumber, arrivedOn, this.#now)
    keyUpdates.onAcknowledged(outcome.epoch, this.#now)
    if (outcome.largestAcknowledged >= 0) acks.onAckAcknowledged(outcome.largestAcknowledged)
  }

  // spec: STT-FRM-15 STT-FRM-16
  onJoin(serial: number, joinKind: number): void {
    if (this.#closeOnly) return
    if (this.#parts.role === 'initiator') throw onlyInitiators('JOIN')
    if (joinKind !== JoinKind.MessageLink) return
    if (this.#joinSerial > 0) throw repeated('JOIN')
    this.#joinSerial = serial
  }

  onPathChallenge(data: Uint8Array): void {
    if (this.#closeOnly) return
    if (this.#challenges) throw repeated('PATH_CHALLENGE')
    this.#challenges = true
    this.#parts.probes.onChallenge(data, this.#link!, this.#size)
  }

  onPathResponse(data: Uint8Array): void {
    if (this.#closeOnly) return
    if (this.#responds) throw repeated('PATH_RESPONSE')
    this.#responds = true
    const { probes, punching, onPathAnswered } = this.#parts
    const path = probes.onResponse(data, this.#link!, this.#now)
    if (path) onPathAnswered(path, this.#now)
    else punching?.onResponse(data, this.#link!, this.#now)
  }

  // spec: STT-PKT-27
  onClose(app: boolean, code: number, reason: string): void {
    this.#isProbing = false
    this.#parts.lifecycle.onPeerClose(app, code, reason, this.#now)
    this.#closeOnly = true
  }

  // spec: STT-PKT-29
  onHandshakeDone(): void {
    if (this.#takes(true) && this.#parts.role === 'initiator') throw onlyInitiators('HANDSHAKE_DONE')
  }

  onDatagram(data: Uint8Array): void {
    if (this.#takes(false)) this.#parts.datagrams.onDatagram(data)
  }

  // spec: STT-FRM-18
  onOptional(type: number, reader: ByteReader): boolean {
    const { punching } = this.#parts
    return punching?.read(type, reader, this.#takes(true) ? this.#now : undefined) ?? false
  }

  #begin(link: Link, size: number, now: number): void {
    this.#link = link
    this.#size = size
    this.#now = now
    this.#isUrgent = false
    this.#isProbing = true
    this.#acknowledges = false
    this.#challenges = false
    this.#responds = false
    this.#joinSerial = 0
  }

  /**
   * Whether the current frame is still acted on.
   *
   * @param isUrgent whether the sender of the frame waits for the ACK
   */
  #takes(isUrgent: boolean): boolean {
    this.#isUrgent ||= isUrgent
    this.#isProbing = false
    return !this.#closeOnly
  }

  // spec: STT-PKT-7
  #isOurs(packet: Uint8Array): boolean {
    if (!isPacket(packet) || packet.length > MAX_PACKET_SIZE) return false
    const { localCid } = this.#parts
    for (let i = 0; i < localCid.length; i++) if (packet[1 + i] !== localCid[i]) return false
    return true
  }

  // spec: STT-PKT-21 STT-PKT-23
  #drop(reason: DropReason, packet: Uint8Array, link: Link, now: number): false {
    const { counters, opener, maxFailures, observer, paths, lifecycle, linkWatch } = this.#parts
    counters.dropped[reason]++
    if (opener.failures >= maxFailures) {
      throw new ProtocolError(CloseCode.AeadLimit, 'too many packets failed to verify')
    }
    observer?.onPacketDropped?.(reason, packet.length, now)
    const path = paths.find(link)
    if (!path) return false
    if (this.#endsInResetToken(packet)) {
      lifecycle.onReset()
      return false
    }
    // A packet on a path that was left may have been sealed with a key that is gone.
    const isLate = reason === 'duplicate' || (reason === 'epoch' && path !== paths.active)
    if (!isLate) linkWatch.onUnverified(link, reason)
    return false
  }

  // spec: STT-PKT-40
  #endsInResetToken(packet: Uint8Array): boolean {
    const token = this.#parts.resetToken
    return token !== undefined && packet.length >= PACKET_OVERHEAD && equalBytes(packet.subarray(-token.length), token)
  }
}

function onlyInitiators(frame: string): ProtocolError {
  return new ProtocolError(CloseCode.ProtocolViolation, `the peer sent ${frame}, which only an initiator may send`)
}

const arrival: { -readonly [Field in keyof Arrival]: Arrival[Field] } = {
  link: undefined as unknown as Link,
  size: 0,
  isNewest: false,
  isProbing: false,
  isEliciting: false,
  asks: false,
  joinSerial: 0,
}

// spec: STT-PKT-12
const LONGEST_RETENTION = 3_000

/** Each of these frames costs this side far more work than its few bytes cost the peer. */
// spec: STT-PKT-41
function repeated(frame: string): ProtocolError {
  return new ProtocolError(CloseCode.ProtocolViolation, `the peer sent a second ${frame} in one packet`)
}
