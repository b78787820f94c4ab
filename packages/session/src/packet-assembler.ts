import type { Entropy } from '@stt/crypto'
import {
  type FrameSource,
  PACKET_HEADER_SIZE,
  type SentFrame,
  TAG_SIZE,
  type WriteContext,
  writeAck,
  writeClose,
} from '@stt/frame'
import type { AckScheduler } from './ack-scheduler.ts'
import type { Closing } from './closing.ts'
import type { ControlFrames } from './control-frames.ts'
import type { DatagramQueue } from './datagram-queue.ts'
import type { PacketSealer } from './packet-sealer.ts'
import type { Path, Recovery } from './recovery.ts'

export interface AssemblerParts {
  readonly sealer: PacketSealer
  readonly acks: AckScheduler
  readonly control: ControlFrames
  readonly datagrams: DatagramQueue
  readonly source: FrameSource
  readonly recovery: Recovery
  readonly entropy: Entropy | undefined
}

/** Puts the next packet together: ACK first, then the session's own frames, datagrams, and what the streams have. */
export class PacketAssembler {
  readonly #parts: AssemblerParts
  readonly #context = { now: 0, rtt: 0 } satisfies WriteContext
  #untilSkip: number

  constructor(parts: AssemblerParts) {
    this.#parts = parts
    this.#untilSkip = this.#drawSkipDistance()
  }

  /** Whether anything but an ACK waits. */
  get pending(): boolean {
    const { control, datagrams, source } = this.#parts
    return control.pending || datagrams.length > 0 || source.hasFrames()
  }

  /**
   * The next packet that `path` may carry now: a view that the next call of any session overwrites. `undefined` when
   * nothing waits or nothing may go.
   */
  next(path: Path, now: number): Uint8Array | undefined {
    const { acks, recovery, sealer } = this.#parts
    const probing = (path.controller?.probesWanted ?? 0) > 0
    if (probing && !this.pending) recovery.requeueOldest()
    if (probing && !this.pending) this.#parts.control.queuePing()
    const mayElicit = probing || this.#mayElicit(path, now)
    if (!(mayElicit && this.pending) && now < acks.deadline) return undefined

    const buffer = scratch(path)
    const limit = packetLimit(path) - TAG_SIZE
    const afterAck = this.#writeAck(buffer, limit, now)
    const frames: SentFrame[] = []
    const end = mayElicit ? this.#writeFrames(buffer, afterAck, limit, frames, path, now) : afterAck
    if (end === PACKET_HEADER_SIZE) {
      if (mayElicit) path.controller?.onApplicationLimited()
      return undefined
    }
    const ackEliciting = end > afterAck
    const hasAck = afterAck > PACKET_HEADER_SIZE
    if (ackEliciting) this.#skipNow()
    const packetNumber = sealer.nextPacketNumber
    const size = sealer.seal(buffer, end)
    if (ackEliciting) {
      const largestAcknowledged = hasAck ? acks.ranges[0]! : -1
      const { epoch } = sealer
      recovery.onSent(
        {
          packetNumber,
          sentAt: now,
          size,
          ackEliciting,
          epoch,
          link: path.link,
          frames,
          largestAcknowledged,
          lost: false,
        },
        path,
        now,
      )
    }
    if (hasAck) acks.onAckSent()
    return buffer.subarray(0, size)
  }

  /** A packet with CLOSE and, before it, an ACK. It passes congestion control. */
  // spec: STT-PKT-18
  close(path: Path, closing: Closing, now: number): Uint8Array {
    const { acks, sealer } = this.#parts
    const { app, code } = closing.request
    const buffer = scratch(path)
    const limit = packetLimit(path) - TAG_SIZE
    let at = PACKET_HEADER_SIZE
    // The ACK leaves room for the CLOSE, which matters more.
    if (acks.pending) at = writeAck(buffer, at, limit - CLOSE_ROOM, acks.ranges, acks.delay(now))
    at = writeClose(buffer, at, app, code, closing.reasonBytes)
    return buffer.subarray(0, sealer.seal(buffer, at))
  }

  /** When `next` may have something by the passing of time alone. */
  nextAt(path: Path, now: number): number {
    const { acks } = this.#parts
    const paced = this.pending && path.controller ? path.controller.nextSendAt(now) : Number.POSITIVE_INFINITY
    return Math.min(acks.deadline, paced)
  }

  #mayElicit(path: Path, now: number): boolean {
    return path.controller?.canSend(packetLimit(path), now) ?? true
  }

  #writeAck(buffer: Uint8Array, limit: number, now: number): number {
    const { acks } = this.#parts
    return acks.pending ? writeAck(buffer, PACKET_HEADER_SIZE, limit, acks.ranges, acks.delay(now)) : PACKET_HEADER_SIZE
  }

  #writeFrames(
    buffer: Uint8Array,
    offset: number,
    limit: number,
    frames: SentFrame[],
    path: Path,
    now: number,
  ): number {
    const { control, datagrams, source } = this.#parts
    this.#context.now = now
    this.#context.rtt = path.rtt.smoothed
    let at = control.write(buffer, offset, limit, frames)
    at = datagrams.write(buffer, at, limit, frames)
    return source.writeFrames(buffer, at, limit, frames, this.#context)
  }

  /** Leaves a packet number out now and then, so that a peer that acknowledges blindly gives itself away. */
  // spec: STT-PKT-12
  #skipNow(): void {
    if (this.#untilSkip-- > 0) return
    this.#parts.recovery.onSkipped(this.#parts.sealer.skipPacketNumber())
    this.#untilSkip = this.#drawSkipDistance()
  }

  #drawSkipDistance(): number {
    const [high, low] = this.#parts.entropy?.(2) ?? []
    if (high === undefined || low === undefined) return Number.POSITIVE_INFINITY
    return MIN_SKIP_DISTANCE + (((high << 8) | low) % MIN_SKIP_DISTANCE)
  }
}

/** Largest packet that the path takes now. */
const packetLimit = (path: Path): number =>
  Math.min(path.link.maxPacketSize, path.controller?.maxDatagramSize ?? MAX_PACKET_SIZE, MAX_PACKET_SIZE)

/**
 * One buffer for the packets of every session: a packet is handed to its link before the next one is put together, and
 * ten thousand idle sessions need no buffer each.
 */
const scratch = (path: Path): Uint8Array => {
  const size = packetLimit(path)
  if (shared.length < size) shared = new Uint8Array(size)
  return shared
}

let shared = new Uint8Array(0)

/** Bytes of the largest packet on any link. */
export const MAX_PACKET_SIZE = 65_535

const CLOSE_ROOM = 280
const MIN_SKIP_DISTANCE = 512
