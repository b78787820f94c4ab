import { CloseCode, type Link, ProtocolError, type SentFrame } from '@stt/frame'
import { maxAckDelay } from './ack-scheduler.ts'
import type { PathController } from './path-controller.ts'
import { RttEstimator } from './rtt.ts'
import type { SentPacket } from './sent-packet.ts'
import { SentPackets } from './sent-packets.ts'

/** Is told what became of each frame that was sent. A frame reported lost can still be reported acknowledged later. */
export interface FrameFate {
  onFrameAcknowledged(frame: SentFrame, packet: SentPacket, now: number): void
  onFrameLost(frame: SentFrame): void
}

/** A link with what is known of its path. */
export interface Path {
  readonly link: Link
  /** Set on a datagram link: who finds losses and paces. On a message link nothing is lost. */
  readonly controller: PathController | undefined
  readonly rtt: RttEstimator
  /** The link took a packet and asked for no more until it has drained. */
  blocked: boolean
}

export const createPath = (link: Link, controller?: PathController): Path => ({
  link,
  controller,
  rtt: controller?.rtt ?? new RttEstimator(),
  blocked: false,
})

/** Probe timeout of a path, without backoff, in milliseconds. */
export const probeTimeoutOf = (path: Path | undefined): number => {
  if (!path) return new RttEstimator().probeTimeout(0)
  return path.controller?.probeTimeout ?? path.rtt.probeTimeout(maxAckDelay(path.link))
}

/** Keeps what was sent until its fate is known, and tells it. */
export class Recovery {
  readonly #sent = new SentPackets()
  readonly #fate: FrameFate
  readonly #acknowledged: SentPacket[] = []
  readonly #lost: SentPacket[] = []
  #packetsLost = 0
  #skipped = -1
  #outstanding = 0

  constructor(fate: FrameFate) {
    this.#fate = fate
  }

  /** Packets whose fate is open; those declared lost are not among them. */
  get outstanding(): number {
    return this.#outstanding
  }

  get packetsLost(): number {
    return this.#packetsLost
  }

  onSent(packet: SentPacket, path: Path, now: number): void {
    this.#sent.add(packet)
    this.#outstanding++
    path.controller?.onPacketSent(packet, now)
  }

  /** `packetNumber` was left out on purpose: an ACK for it is a lie. */
  onSkipped(packetNumber: number): void {
    this.#skipped = packetNumber
  }

  /**
   * Settles what an ACK acknowledges for the first time.
   *
   * @param ranges pairs of highest and lowest number, descending
   * @param delay microseconds that the peer says it waited
   * @param ackEpoch key generation of the packet that held the ACK
   * @param nextPacketNumber the number that will be sent next: no ACK may reach it
   * @returns the newest epoch and the highest ACK among the packets acknowledged now; -1 where there is none
   * @throws ProtocolError for an ACK of what was never sent, or under a key older than what it acknowledges
   */
  // spec: STT-PKT-11 STT-PKT-12 STT-PKT-13
  onAck(
    ranges: readonly number[],
    delay: number,
    ackEpoch: number,
    nextPacketNumber: number,
    path: Path,
    now: number,
  ): AckOutcome {
    if (ranges[0]! >= nextPacketNumber) {
      throw new ProtocolError(CloseCode.AckOfUnsent, 'the peer acknowledged a packet that was never sent')
    }
    if (this.#skipped >= 0 && covers(ranges, this.#skipped)) {
      throw new ProtocolError(CloseCode.AckOfUnsent, 'the peer acknowledged a packet number that was left out')
    }
    const acknowledged = this.#collect(ranges)
    const outcome: AckOutcome = { epoch: -1, largestAcknowledged: -1 }
    if (acknowledged.length === 0) return outcome
    this.#updatePath(acknowledged, ranges[0]!, delay / 1_000, path, now)
    for (const packet of acknowledged) {
      if (packet.epoch > ackEpoch) {
        throw new ProtocolError(CloseCode.KeyUpdate, 'the peer acknowledged a new key under an old one')
      }
      outcome.epoch = Math.max(outcome.epoch, packet.epoch)
      outcome.largestAcknowledged = Math.max(outcome.largestAcknowledged, packet.largestAcknowledged)
      if (!packet.lost) this.#outstanding--
      this.#sent.delete(packet.packetNumber)
      for (const frame of packet.frames) this.#fate.onFrameAcknowledged(frame, packet, now)
    }
    this.#reportLost()
    this.#sent.forgetLostBefore(now - 3 * probeTimeoutOf(path))
    return outcome
  }

  /** The controller's timer is due. */
  onTimeout(path: Path, now: number): void {
    path.controller?.onTimeout(now, this.#lost)
    this.#reportLost()
  }

  /** What a probe should carry when nothing new waits: the frames of the oldest outstanding packet, once more. */
  requeueOldest(): void {
    for (const packet of this.#sent) {
      if (packet.lost || packet.frames.length === 0) continue
      for (const frame of packet.frames) this.#fate.onFrameLost(frame)
      return
    }
  }

  #updatePath(acknowledged: readonly SentPacket[], largest: number, ackDelay: number, path: Path, now: number): void {
    const newest = acknowledged[acknowledged.length - 1]!
    const isSample = newest.packetNumber === largest && newest.link === path.link
    const delay = Math.min(ackDelay, maxAckDelay(path.link))
    if (!path.controller) {
      if (isSample) path.rtt.update(now - newest.sentAt, delay)
      return
    }
    const ofPath = acknowledged.filter(packet => packet.link === path.link)
    if (ofPath.length > 0) path.controller.onAcknowledged(ofPath, isSample, delay, now, this.#lost)
  }

  #reportLost(): void {
    for (const packet of this.#lost) {
      this.#packetsLost++
      this.#outstanding--
      for (const frame of packet.frames) this.#fate.onFrameLost(frame)
    }
    this.#lost.length = 0
  }

  /** The packets that `ranges` acknowledge and whose fate was open, in ascending order. The array is reused. */
  #collect(ranges: readonly number[]): SentPacket[] {
    this.#acknowledged.length = 0
    for (let i = ranges.length - 2; i >= 0; i -= 2) {
      const high = ranges[i]!
      for (let number = Math.max(ranges[i + 1]!, this.#sent.lowest); number <= high; number++) {
        const packet = this.#sent.get(number)
        if (packet) this.#acknowledged.push(packet)
      }
    }
    return this.#acknowledged
  }
}

export interface AckOutcome {
  epoch: number
  largestAcknowledged: number
}

function covers(ranges: readonly number[], packetNumber: number): boolean {
  for (let i = 0; i < ranges.length; i += 2) {
    if (packetNumber <= ranges[i]! && packetNumber >= ranges[i + 1]!) return true
  }
  return false
}
