import type { Entropy } from '@stt/crypto'
import {
  type FrameSource,
  JoinKind,
  PACKET_HEADER_SIZE,
  type SentFrame,
  TAG_SIZE,
  type WriteContext,
  writeAck,
  writeClose,
  writeJoin,
  writePadding,
  writePathChallenge,
  writePathResponse,
  writePing,
} from '@stt/frame'
import type { KeyUpdates } from '../keys/key-updates.ts'
import type { PacketSealer } from '../keys/packet-sealer.ts'
import type { CloseState } from '../life/close-state.ts'
import { datagramRoom, MAX_PACKET_SIZE, type Path, packetLimit } from '../path/path.ts'
import type { PathPacket } from '../path/path-probes.ts'
import type { PunchingPart } from '../punch/punching-part.ts'
import type { AckScheduler } from '../receive/ack-scheduler.ts'
import type { ControlFrames } from './control-frames.ts'
import type { DatagramQueue } from './datagram-queue.ts'
import type { DeliveryTracker } from './delivery-tracker.ts'
import { scratch } from './scratch.ts'
import { SkippedNumbers } from './skipped-numbers.ts'

export interface AssemblerParts {
  readonly sealer: PacketSealer
  readonly acks: AckScheduler
  readonly keyUpdates: KeyUpdates
  readonly control: ControlFrames
  readonly datagrams: DatagramQueue
  readonly source: FrameSource
  readonly punching: PunchingPart | undefined
  readonly deliveries: DeliveryTracker
  readonly entropy: Entropy | undefined
}

/**
 * Assembles packets: ACK first, then the frames of the session itself, datagrams, and the frames of the streams. It returns
 * views of a buffer that the next call of any session overwrites.
 */
export class PacketAssembler {
  readonly #parts: AssemblerParts
  readonly #skipped: SkippedNumbers
  readonly #context = { now: 0, rtt: 0 } satisfies WriteContext
  #framesSent = 0
  /** Whether window or pacing held back the last packet: only then does congestion control know when sending goes on. */
  #heldBack = false

  constructor(parts: AssemblerParts) {
    this.#parts = parts
    this.#skipped = new SkippedNumbers(parts.entropy)
  }

  /** Whether anything but an ACK waits. */
  get pending(): boolean {
    const { control, datagrams, source, punching } = this.#parts
    return control.pending || punching?.isPending || datagrams.length > 0 || source.hasFrames()
  }

  /** Frames sent so far, without ACK, CLOSE, PATH_* and PADDING, whose delivery is not tracked. */
  get framesSent(): number {
    return this.#framesSent
  }

  /**
   * The next packet for `path`; `undefined` when no frame waits or no packet may be sent now.
   *
   * @param last whether the session is about to close: then its path is no longer probed for larger packets
   */
  next(path: Path, now: number, last: boolean): Uint8Array | undefined {
    const { acks, control, datagrams, keyUpdates, deliveries } = this.#parts
    const probing = (path.recovery?.probesWanted ?? 0) > 0
    if (probing) this.#findSomethingToProbeWith(path)
    datagrams.expireLargerThan(datagramRoom(path))
    const pending = this.pending
    if (!pending) path.recovery?.congestion.onApplicationLimited()
    const hasRoom = deliveries.hasRoom(path.link, probing)
    const mayElicit =
      pending && hasRoom && (probing || (path.recovery?.congestion.canSend(packetLimit(path), now) ?? true))
    const sizeProbe = probing || last || !hasRoom ? 0 : this.#sizeProbe(path, now)
    if (sizeProbe > 0 && path.recovery!.congestion.canSend(sizeProbe, now)) return this.#probeSize(sizeProbe, path, now)
    this.#heldBack = hasRoom && ((pending && !mayElicit) || sizeProbe > 0)
    // A full window holds back streams and datagrams alone: the few bytes of other frames do not wait for it.
    const isHeld = mayElicit && path.window?.canSend(packetLimit(path)) === false
    if (isHeld && path.window!.asks()) control.queueOwnPing()
    const mayCarry = mayElicit && (!isHeld || control.pending)
    if (!mayCarry && now < acks.deadline) return undefined

    const limit = packetLimit(path) - TAG_SIZE
    const buffer = scratch(limit + TAG_SIZE)
    const afterAck = acks.pending
      ? writeAck(buffer, PACKET_HEADER_SIZE, limit, acks.ranges, acks.delay(now))
      : PACKET_HEADER_SIZE
    const hasAck = afterAck > PACKET_HEADER_SIZE
    // A datagram that does not fit beside this ACK gets the next packet: else it might wait for ever.
    const ackAlone = hasAck && !datagrams.fits(afterAck, limit)
    const frames: SentFrame[] = []
    const end =
      !mayCarry || ackAlone
        ? afterAck
        : isHeld
          ? control.write(buffer, afterAck, limit, frames)
          : this.#writeFrames(buffer, afterAck, limit, frames, path, now)
    if (end === PACKET_HEADER_SIZE) return undefined

    const ackEliciting = end > afterAck
    const size = ackEliciting
      ? this.#sealEliciting(buffer, end, frames, hasAck ? acks.ranges[0]! : -1, path, now)
      : this.#sealSilent(buffer, end, path, now)
    if (hasAck) {
      keyUpdates.onAckSent(acks.ranges[0]!)
      acks.onAckSent()
    }
    return buffer.subarray(0, size)
  }

  /** A packet with CLOSE and, before it, an ACK. It passes congestion control. */
  // spec: STT-PKT-24
  close(path: Path, closing: CloseState, now: number): Uint8Array {
    const { acks, sealer } = this.#parts
    const { app, code } = closing.request
    const limit = packetLimit(path) - TAG_SIZE
    const buffer = scratch(limit + TAG_SIZE)
    let at = PACKET_HEADER_SIZE
    // The ACK leaves room for the CLOSE, which matters more.
    if (acks.pending) at = writeAck(buffer, at, limit - CLOSE_ROOM, acks.ranges, acks.delay(now))
    at = writeClose(buffer, at, app, code, closing.reasonBytes)
    return buffer.subarray(0, sealer.seal(buffer, at))
  }

  /** A packet about a path. It holds no other frames, which should not depend on an address that is not validated. */
  path({ isChallenge, data, size, joinSerial }: PathPacket): Uint8Array {
    const { sealer } = this.#parts
    const buffer = scratch(size)
    const write = isChallenge ? writePathChallenge : writePathResponse
    let at = write(buffer, PACKET_HEADER_SIZE, data)
    // spec: STT-PKT-50
    if (joinSerial > 0) at = writeJoin(buffer, at, joinSerial, JoinKind.MessageLink)
    return buffer.subarray(0, sealer.seal(buffer, writePadding(buffer, at, size - TAG_SIZE)))
  }

  /** Bytes of the size probe that is due, or 0. It waits until a packet of ordinary size has been acknowledged. */
  #sizeProbe({ link, recovery, rtt }: Path, now: number): number {
    const size = rtt.known ? (recovery?.sizeProbe(now) ?? 0) : 0
    return size <= Math.min(link.maxPacketSize, MAX_PACKET_SIZE) ? size : 0
  }

  /** A size probe. Its frames are not tracked, so its loss causes no retransmission. */
  // spec: STT-REC-31
  #probeSize(size: number, path: Path, now: number): Uint8Array {
    const buffer = scratch(size)
    const end = writePadding(buffer, writePing(buffer, PACKET_HEADER_SIZE), size - TAG_SIZE)
    return buffer.subarray(0, this.#sealEliciting(buffer, end, [], -1, path, now))
  }

  /** When `next`, which had no packet, may have one without another call or packet. */
  deadline(path: Path, now: number): number {
    const { acks } = this.#parts
    const paced = this.#heldBack && path.recovery ? path.recovery.congestion.deadline(now) : Number.POSITIVE_INFINITY
    return Math.min(acks.deadline, paced)
  }

  /**
   * A probe carries the oldest frames, which are most likely lost. Its PING makes the peer acknowledge each of a pair of
   * probes at once: one of the two ACKs may get through.
   */
  #findSomethingToProbeWith(path: Path): void {
    this.#parts.deliveries.requeueForProbe(path)
    this.#parts.control.queueOwnPing()
  }

  #writeFrames(
    buffer: Uint8Array,
    offset: number,
    limit: number,
    frames: SentFrame[],
    path: Path,
    now: number,
  ): number {
    const { control, datagrams, source, punching } = this.#parts
    this.#context.now = now
    this.#context.rtt = path.rtt.smoothed
    let at = control.write(buffer, offset, limit, frames)
    if (punching) at = punching.write(buffer, at, limit, frames)
    at = datagrams.write(buffer, at, limit, frames)
    return source.writeFrames(buffer, at, limit, frames, this.#context)
  }

  /** Seals a packet that the peer need not acknowledge. @returns its end */
  #sealSilent(buffer: Uint8Array, end: number, path: Path, now: number): number {
    const { deliveries, sealer } = this.#parts
    deliveries.onSilentSent(sealer.nextPacketNumber, path, now)
    return sealer.seal(buffer, end)
  }

  /** Seals a packet that the peer acknowledges, and remembers it until then. @returns its end */
  #sealEliciting(
    buffer: Uint8Array,
    end: number,
    frames: readonly SentFrame[],
    largestAcknowledged: number,
    path: Path,
    now: number,
  ): number {
    const { deliveries, sealer } = this.#parts
    this.#skipped.onElicitingPacket(sealer, deliveries)
    const packetNumber = sealer.nextPacketNumber
    const size = sealer.seal(buffer, end)
    const { epoch } = sealer
    const packet = { packetNumber, sentAt: now, size, ackEliciting: true, epoch, path, frames, largestAcknowledged, lost: false } // biome-ignore format: one line
    this.#framesSent += frames.length
    deliveries.onSent(packet, path, now)
    return size
  }
}

/** Bytes that the largest CLOSE takes. */
const CLOSE_ROOM = 280
