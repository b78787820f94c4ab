import { CloseCode, type Link, ProtocolError, type SentFrame } from '@stt/frame'
import type { PacketObserver } from '../packet-observer.ts'
import { maxAckDelay, type Path, probeTimeoutOf } from '../path/path.ts'
import type { OutstandingPacket } from './outstanding-packet.ts'
import { SentPackets } from './sent-packets.ts'
import { SilentSends } from './silent-sends.ts'

/** Is told the outcome of each frame that was sent. A frame reported lost can still be reported acknowledged later. */
export interface DeliveryHandler {
  onFrameAcknowledged(frame: SentFrame, packet: OutstandingPacket, now: number): void
  onFrameLost(frame: SentFrame): void
  /**
   * The frame is neither acknowledged nor lost, and a probe is to carry it again.
   *
   * @returns whether the frame waits to be sent again
   */
  onFrameProbed(frame: SentFrame): boolean
}

/** The packets that an ACK acknowledged, in short. The next ACK reuses the object. */
export interface AckOutcome {
  /** Newest epoch among the packets acknowledged for the first time; -1 without any. */
  epoch: number
  /** Highest number that the ACKs in those packets acknowledged; -1 without any. */
  largestAcknowledged: number
}

/** Keeps a record of each packet until it is acknowledged or lost, and reports that. */
export class DeliveryTracker {
  readonly #sent = new SentPackets()
  readonly #handler: DeliveryHandler
  readonly #observer: PacketObserver | undefined
  readonly #acknowledged: OutstandingPacket[] = []
  readonly #lost: OutstandingPacket[] = []
  readonly #outcome: AckOutcome = { epoch: -1, largestAcknowledged: -1 }
  #packetsLost = 0
  #framesResent = 0
  #skipped = -1
  /** Highest number that the peer has acknowledged. */
  #largest = -1
  /** Set once packets that ask for no acknowledgement were sent while others waited for theirs. */
  #silent: SilentSends | undefined
  #outstanding = 0
  /** The newest packet whose frames went into a probe since the last acknowledgement. */
  #probedUpTo = -1
  /** No packet with a lower number is open. */
  #oldestOpen = -1
  /** Since when that packet has been the oldest. */
  #oldestSince = 0

  constructor(handler: DeliveryHandler, observer?: PacketObserver) {
    this.#handler = handler
    this.#observer = observer
  }

  /** Packets that are neither acknowledged nor declared lost. */
  get outstanding(): number {
    return this.#outstanding
  }

  /** Packets with a record: the outstanding ones, and lost ones whose ACK may still come. */
  get remembered(): number {
    return this.#sent.size
  }

  get packetsLost(): number {
    return this.#packetsLost
  }

  /** Frames that were queued again: lost, probed, or left behind on a link. */
  get framesResent(): number {
    return this.#framesResent
  }

  /**
   * Whether another packet may be outstanding. Each costs memory until it is acknowledged, so sending to a peer that never
   * acknowledges stops.
   *
   * @param probing whether the packet is a probe, for which some places are kept
   */
  // spec: STT-PKT-43
  hasRoom(link: Link, probing: boolean): boolean {
    const most = link.lossy ? MAX_OUTSTANDING : MAX_ON_LOSSLESS_LINK
    return this.#outstanding < (probing ? most : most - KEPT_FOR_PROBES)
  }

  /**
   * When the oldest packet of a message link will have waited too long; `Infinity` when none waits. Its time begins when it
   * is sent or when the packet before it is acknowledged, so a slow link that makes progress is not given up.
   */
  // spec: STT-PKT-44
  get overdueAt(): number {
    return this.#findOldest(0) ? this.#oldestSince + ACKNOWLEDGED_WITHIN : Number.POSITIVE_INFINITY
  }

  onSent(packet: OutstandingPacket, path: Path, now: number): void {
    if (this.#sent.size >= MAX_OUTSTANDING) this.#sent.forgetOldestLost()
    this.#sent.add(packet)
    this.#outstanding++
    path.onSent(now)
    path.recovery?.onPacketSent(packet, now)
    path.window?.onSent(packet, now)
  }

  /** A packet that asks for no acknowledgement is sent. Its number may be the largest of an ACK for others. */
  onSilentSent(packetNumber: number, path: Path, now: number): void {
    if (path.outstanding > 0) this.#silent = (this.#silent ?? new SilentSends(path)).onSent(packetNumber, path, now)
  }

  /** `packetNumber` was left out on purpose: an ACK for it is false. */
  onSkipped(packetNumber: number): void {
    this.#skipped = packetNumber
  }

  /**
   * Settles the packets that an ACK acknowledges for the first time.
   *
   * @param ranges pairs of highest and lowest number, descending
   * @param delay microseconds that the peer says it waited
   * @param ackEpoch key generation of the packet that held the ACK
   * @param nextPacketNumber the number that will be sent next: an ACK must stay below it
   * @param arrivedOn the session's path that the ACK came over, if any: the ACK measures a round trip of that path alone
   * @throws ProtocolError for an ACK of a packet that was never sent, or under a key older than that of the packet
   */
  onAck(
    ranges: readonly number[],
    delay: number,
    ackEpoch: number,
    nextPacketNumber: number,
    arrivedOn: Path | undefined,
    now: number,
  ): AckOutcome {
    this.#checkNumbers(ranges, nextPacketNumber)
    const largest = ranges[0]!
    const isLargestNew = largest > this.#largest
    if (isLargestNew) this.#largest = largest
    const outcome = this.#outcome
    outcome.epoch = -1
    outcome.largestAcknowledged = -1
    const acknowledged = this.#acknowledged
    acknowledged.length = 0
    this.#sent.take(ranges, acknowledged)
    if (acknowledged.length === 0) return outcome
    this.#probedUpTo = -1
    for (const packet of acknowledged) {
      // spec: STT-PKT-15
      if (packet.epoch > ackEpoch) {
        throw new ProtocolError(CloseCode.KeyUpdate, 'the peer acknowledged a new key under an old one')
      }
      outcome.epoch = Math.max(outcome.epoch, packet.epoch)
      outcome.largestAcknowledged = Math.max(outcome.largestAcknowledged, packet.largestAcknowledged)
    }
    this.#updatePaths(largest, isLargestNew, delay / 1_000, arrivedOn, now)
    for (const packet of acknowledged) {
      if (!packet.lost) this.#outstanding--
      for (const frame of packet.frames) this.#handler.onFrameAcknowledged(frame, packet, now)
    }
    this.#reportLost(now)
    this.#observer?.onPacketsAcknowledged?.(acknowledged, now)
    this.#findOldest(now)
    this.#sent.forgetLostBefore(now - 3 * probeTimeoutOf(acknowledged[0]!.path))
    return outcome
  }

  /** The timer of the path's loss recovery is due. */
  onTime(path: Path, now: number): void {
    path.recovery?.onTime(this.#lost, now)
    this.#reportLost(now)
  }

  /**
   * Queues the frames of the oldest outstanding packet of `path` again, and at the next call those of the one after it.
   * Packets of other paths may still arrive, and tell nothing about this one.
   */
  requeueForProbe(path: Path): void {
    for (
      let packet = this.#sent.openFrom(this.#probedUpTo + 1);
      packet;
      packet = this.#sent.openFrom(packet.packetNumber + 1)
    ) {
      if (packet.path !== path) continue
      this.#probedUpTo = packet.packetNumber
      let queued = 0
      for (const frame of packet.frames) if (this.#handler.onFrameProbed(frame)) queued++
      this.#framesResent += queued
      if (queued > 0) return
    }
  }

  /** A path is given up: unacknowledged packets are sent again, and do not count as lost to congestion. */
  // spec: STT-PKT-19
  leave(path: Path): void {
    if (path.outstanding === 0) return
    for (const packet of this.#sent) {
      if (packet.lost || packet.path !== path) continue
      packet.lost = true
      this.#settleLost(packet)
    }
  }

  /** The session is over: all outstanding frames are reported lost. */
  abandon(): void {
    for (const packet of this.#sent) if (!packet.lost) this.#settleLost(packet)
  }

  /** Finds the oldest outstanding packet and when its time began: now, or when it was sent. @returns whether there is one */
  #findOldest(now: number): boolean {
    const oldest = this.#sent.openFrom(this.#oldestOpen)
    if (oldest && oldest.packetNumber > this.#oldestOpen) {
      this.#oldestOpen = oldest.packetNumber
      this.#oldestSince = Math.max(now, oldest.sentAt)
    }
    return oldest !== undefined
  }

  // spec: STT-PKT-17 STT-PKT-18
  #checkNumbers(ranges: readonly number[], nextPacketNumber: number): void {
    if (ranges[0]! >= nextPacketNumber) {
      throw new ProtocolError(CloseCode.AckOfUnsent, 'the peer acknowledged a packet that was never sent')
    }
    if (this.#skipped >= 0 && covers(ranges, this.#skipped)) {
      throw new ProtocolError(CloseCode.AckOfUnsent, 'the peer acknowledged a packet number that was left out')
    }
  }

  /** Reports each path's packets to it; usually all are of one path. */
  #updatePaths(
    largest: number,
    isLargestNew: boolean,
    ackDelay: number,
    arrivedOn: Path | undefined,
    now: number,
  ): void {
    const acknowledged = this.#acknowledged
    const { path } = acknowledged[acknowledged.length - 1]!
    const sentAt = arrivedOn && this.#sentAt(largest, isLargestNew, arrivedOn)
    if (areAllOf(acknowledged, path)) {
      return this.#updatePath(path, acknowledged, path === arrivedOn ? sentAt : undefined, ackDelay, now)
    }
    for (const each of new Set(acknowledged.map(packet => packet.path))) {
      const ofPath = acknowledged.filter(packet => packet.path === each)
      this.#updatePath(each, ofPath, each === arrivedOn ? sentAt : undefined, ackDelay, now)
    }
  }

  /** When the largest number of the current ACK was sent over `path`, if the ACK measures a round trip of that path. */
  // spec: STT-PKT-20
  #sentAt(largest: number, isNew: boolean, path: Path): number | undefined {
    const newest = this.#acknowledged[this.#acknowledged.length - 1]!
    if (newest.packetNumber === largest) return newest.path === path ? newest.sentAt : undefined
    return isNew ? this.#silent?.sentAt(largest, path) : undefined
  }

  #updatePath(
    path: Path,
    acknowledged: readonly OutstandingPacket[],
    timedFrom: number | undefined,
    ackDelay: number,
    now: number,
  ): void {
    const { link, recovery } = path
    for (const packet of acknowledged) if (!packet.lost) path.onSettled()
    path.onAnswered(now)
    const delay = Math.min(ackDelay, maxAckDelay(link))
    path.window?.onAcknowledged(acknowledged, delay, now)
    if (recovery) recovery.onAcknowledged(acknowledged, timedFrom, delay, this.#lost, now)
    else if (timedFrom !== undefined) path.onRoundTrip(now - timedFrom, delay)
  }

  #reportLost(now: number): void {
    if (this.#lost.length === 0) return
    for (const packet of this.#lost) {
      this.#packetsLost++
      this.#observer?.onPacketLost?.(packet.packetNumber, now)
      this.#settleLost(packet)
    }
    this.#lost.length = 0
  }

  #settleLost(packet: OutstandingPacket): void {
    this.#outstanding--
    packet.path.onSettled()
    packet.path.window?.onLost(packet)
    this.#framesResent += packet.frames.length
    for (const frame of packet.frames) this.#handler.onFrameLost(frame)
  }
}

/** Packets that may wait for an acknowledgement; on a message link each is as large as the streams fill it. */
export const MAX_OUTSTANDING = 65_536
export const MAX_ON_LOSSLESS_LINK = 16_384
/** How many of these places are kept for probes. */
const KEPT_FOR_PROBES = 256
/** Milliseconds that the oldest packet of a message link may wait for its acknowledgement. */
export const ACKNOWLEDGED_WITHIN = 30_000

function areAllOf(packets: readonly OutstandingPacket[], path: Path): boolean {
  for (const packet of packets) if (packet.path !== path) return false
  return true
}

function covers(ranges: readonly number[], packetNumber: number): boolean {
  for (let i = 0; i < ranges.length; i += 2) {
    if (packetNumber <= ranges[i]! && packetNumber >= ranges[i + 1]!) return true
  }
  return false
}
