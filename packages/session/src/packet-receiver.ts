import {
  CloseCode,
  FrameReader,
  type FrameSource,
  isPacket,
  type Link,
  ProtocolError,
  packetNumberOf,
} from '@stt/frame'
import type { AckScheduler } from './ack-scheduler.ts'
import { IncomingFrames, type SessionFrameHandler } from './incoming-frames.ts'
import { MAX_PACKET_SIZE } from './packet-assembler.ts'
import type { PacketOpener } from './packet-opener.ts'
import type { DropReason, SessionCounters } from './statistics.ts'

export interface ReceiverParts {
  readonly opener: PacketOpener
  readonly acks: AckScheduler
  readonly source: FrameSource
  readonly counters: SessionCounters
  readonly handler: SessionFrameHandler
  /** A packet verified; its frames come next. Answers whether it is the first of an epoch that this side follows into. */
  readonly onVerified: (size: number) => boolean
}

/** Opens packets and hands their frames on. */
export class PacketReceiver {
  readonly #parts: ReceiverParts
  readonly #incoming: IncomingFrames
  readonly #reader: FrameReader

  constructor(parts: ReceiverParts) {
    this.#parts = parts
    this.#incoming = new IncomingFrames(parts.source, parts.handler)
    this.#reader = new FrameReader(this.#incoming)
  }

  get framesRead(): number {
    return this.#reader.framesRead
  }

  /**
   * @param retention milliseconds for which the key of an ended epoch is kept
   * @param closeOnly of the frames only CLOSE still means something
   * @returns `false` when the packet came over a link that alters nothing and yet did not verify
   * @throws ProtocolError when the peer, authentically, broke a rule
   */
  receive(packet: Uint8Array, now: number, link: Link, retention: number, closeOnly: boolean): boolean {
    const { opener, acks, onVerified } = this.#parts
    const packetNumber = isPacket(packet) ? packetNumberOf(packet) : undefined
    if (packetNumber === undefined || packet.length > MAX_PACKET_SIZE) return this.#drop('malformed', link)
    const length = opener.open(packet, packetNumber, now, retention, plaintext)
    if (typeof length !== 'number') return this.#drop(length, link)
    const firstOfEpoch = onVerified(packet.length)
    this.#incoming.begin(closeOnly)
    const ackEliciting = this.#reader.read(plaintext, 0, length)
    acks.onPacket(packetNumber, packet.length, ackEliciting, this.#incoming.urgent || firstOfEpoch, link, now)
    return true
  }

  // spec: STT-PKT-16 STT-PKT-17
  #drop(reason: DropReason, link: Link): boolean {
    this.#parts.counters.dropped[reason]++
    if (this.#parts.opener.failures >= MAX_FAILURES) {
      throw new ProtocolError(CloseCode.AeadLimit, 'too many packets failed to verify')
    }
    return !(link.kind === 'message' && (reason === 'tag' || reason === 'malformed'))
  }
}

/** Where packets are decrypted to: what the frames hold is taken before the next packet of any session is opened. */
const plaintext = new Uint8Array(MAX_PACKET_SIZE)

/** Packets that fail to verify before the session gives up: RFC 9001 §6.6 for ChaCha20-Poly1305. */
const MAX_FAILURES = 2 ** 36
