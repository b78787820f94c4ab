import {
  CloseCode,
  FrameReader,
  type FrameSource,
  isPacket,
  type Link,
  ProtocolError,
  packetNumberOf,
} from '@stt/frame'
import type { PacketOpener } from '../keys/packet-opener.ts'
import { MAX_PACKET_SIZE } from '../path/path.ts'
import type { DropReason, SessionCounters } from '../statistics.ts'
import type { AckScheduler } from './ack-scheduler.ts'
import { IncomingFrames, type SessionFrameHandler } from './incoming-frames.ts'

export interface ReceiverParts {
  readonly opener: PacketOpener
  readonly acks: AckScheduler
  readonly source: FrameSource
  readonly counters: SessionCounters
  readonly handler: SessionFrameHandler
  /** This side's connection id. */
  readonly localCid: Uint8Array
  /** Packets that fail to verify before the session gives up. */
  readonly maxFailures: number
  /** A packet verified; its frames come next. Answers whether it is the first of an epoch that this side follows into. */
  readonly onVerified: (packetNumber: number, size: number, now: number) => boolean
}

/** Opens packets and hands their frames on. */
export class PacketReceiver {
  readonly #parts: ReceiverParts
  readonly #incoming: IncomingFrames
  readonly #reader: FrameReader
  #isNewest = false

  constructor(parts: ReceiverParts) {
    this.#parts = parts
    this.#incoming = new IncomingFrames(parts.source, parts.handler)
    this.#reader = new FrameReader(this.#incoming)
  }

  get framesRead(): number {
    return this.#reader.framesRead
  }

  /** Whether the last packet has the highest number so far and says more than where its sender is. */
  get isNewest(): boolean {
    return this.#isNewest && !this.#incoming.isProbing
  }

  /**
   * @param retention milliseconds for which the key of an ended epoch is kept
   * @param closeOnly of the frames only CLOSE still means something
   * @param rtt round-trip time in milliseconds; 0 where none is known
   * @returns why the packet was dropped; `undefined` when it was taken
   * @throws ProtocolError when the peer, authentically, broke a rule, or when too much failed to verify
   */
  receive(
    packet: Uint8Array,
    now: number,
    link: Link,
    retention: number,
    closeOnly: boolean,
    rtt: number,
  ): DropReason | undefined {
    const { opener, acks, onVerified } = this.#parts
    const packetNumber = this.#isOurs(packet) ? packetNumberOf(packet) : undefined
    if (packetNumber === undefined) return this.#drop('malformed')
    const highest = opener.highest
    const opened = opener.open(packet, packetNumber, now, retention)
    if (typeof opened === 'string') return this.#drop(opened)
    this.#isNewest = packetNumber > highest
    const firstOfEpoch = onVerified(packetNumber, packet.length, now)
    this.#incoming.begin(closeOnly, opened.lasting)
    const ackEliciting = this.#reader.read(opened.bytes, 0, opened.length)
    const urgent = this.#incoming.urgent || firstOfEpoch
    acks.onPacket(packetNumber, packet.length, ackEliciting, urgent, link, rtt, now)
    return undefined
  }

  /** Whether a packet is new and the peer's. Nothing in it is read, and no key moves. */
  isAuthentic(packet: Uint8Array, now: number): boolean {
    const packetNumber = this.#isOurs(packet) ? packetNumberOf(packet) : undefined
    return packetNumber !== undefined && this.#parts.opener.isAuthentic(packet, packetNumber, now)
  }

  // spec: STT-PKT-7
  #isOurs(packet: Uint8Array): boolean {
    if (!isPacket(packet) || packet.length > MAX_PACKET_SIZE) return false
    const { localCid } = this.#parts
    for (let i = 0; i < localCid.length; i++) if (packet[1 + i] !== localCid[i]) return false
    return true
  }

  // spec: STT-PKT-21 STT-PKT-23
  #drop(reason: DropReason): DropReason {
    this.#parts.counters.dropped[reason]++
    if (this.#parts.opener.failures >= this.#parts.maxFailures) {
      throw new ProtocolError(CloseCode.AeadLimit, 'too many packets failed to verify')
    }
    return reason
  }
}
