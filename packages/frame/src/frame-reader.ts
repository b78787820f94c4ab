import { ByteReader } from './byte-reader.ts'
import type { StreamFrameHandler } from './frame-source.ts'
import { FrameType, MAX_CLOSE_REASON, MAX_STREAM_COUNT } from './frame-type.ts'
import { malformed } from './refusal.ts'
import { MAX_VARINT } from './varint.ts'

/**
 * Takes the frames of a packet one by one. `Uint8Array` arguments are views into the packet, valid only during the
 * call; the next ACK of any reader reuses `ranges`.
 */
export interface FrameVisitor extends StreamFrameHandler {
  /** PING. */
  onPing(): void
  /**
   * ACK.
   *
   * @param ranges pairs of highest and lowest packet number, descending
   * @param delay microseconds
   */
  onAck(ranges: readonly number[], delay: number): void
  /**
   * JOIN: a link joins the session.
   *
   * @param serial 1 or above: which link of the initiator it is
   * @param kind 0 to 255, one of `JoinKind`
   */
  onJoin(serial: number, kind: number): void
  /** PATH_CHALLENGE, with its 8 bytes. */
  onPathChallenge(data: Uint8Array): void
  /** PATH_RESPONSE, with the 8 bytes of the challenge. */
  onPathResponse(data: Uint8Array): void
  /**
   * CLOSE.
   *
   * @param app whether `code` is the application's own; otherwise it is one of `CloseCode`
   */
  onClose(app: boolean, code: number, reason: string): void
  /** HANDSHAKE_DONE: the initiator has the session's keys. */
  onHandshakeDone(): void
  /** DATAGRAM. */
  onDatagram(data: Uint8Array): void
  /**
   * A frame that not every session knows: ADDRESSES, PUNCH, OBSERVED. The visitor takes all of it from the reader.
   *
   * @returns whether the visitor knows the type
   */
  onOptional?(type: number, reader: ByteReader): boolean
}

/** Reads the frames of verified packets into a visitor. It allocates nothing but the views that it hands over. */
export class FrameReader {
  readonly #visitor: FrameVisitor
  readonly #reader = new ByteReader()
  #framesRead = 0

  constructor(visitor: FrameVisitor) {
    this.#visitor = visitor
  }

  /** Frames handed over so far; PADDING does not count. */
  get framesRead(): number {
    return this.#framesRead
  }

  /**
   * Reads every frame in `bytes` from `start` to `end`.
   *
   * @returns whether one of them asks for an acknowledgement: all but PADDING, ACK, CLOSE, JOIN and PATH_* do
   * @throws ProtocolError with `details.rule` and `details.offset`; frames before the bad one have been handed over
   */
  // spec: STT-FRM-5 STT-FRM-7 STT-FRM-13
  read(bytes: Uint8Array, start: number, end: number): boolean {
    const reader = this.#reader
    reader.reset(bytes, start, end)
    if (start === end) throw malformed('empty-packet', start, 'a packet without frames')
    let ackEliciting = false
    while (reader.remaining > 0) {
      const type = reader.uint8()
      if (type === FrameType.Padding) continue
      if (!isQuiet(type)) ackEliciting = true
      this.#frame(type)
      this.#framesRead++
    }
    return ackEliciting
  }

  // spec: STT-FRM-6
  #frame(type: number): void {
    const reader = this.#reader
    const visitor = this.#visitor
    switch (type) {
      case FrameType.Stream:
      case FrameType.StreamFin:
        this.#stream(type === FrameType.StreamFin)
        return
      case FrameType.Ack:
        this.#ack()
        return
      case FrameType.Ping:
        visitor.onPing()
        return
      case FrameType.Reset:
        visitor.onReset(reader.varint(), reader.varint(), reader.varint())
        return
      case FrameType.Stop:
        visitor.onStop(reader.varint(), reader.varint())
        return
      case FrameType.MaxData:
        visitor.onMaxData(reader.varint())
        return
      case FrameType.MaxStreamData:
        visitor.onMaxStreamData(reader.varint(), reader.varint())
        return
      case FrameType.MaxStreamsBidi:
      case FrameType.MaxStreamsUni:
        this.#maxStreams(type === FrameType.MaxStreamsUni)
        return
      case FrameType.Join:
        this.#join()
        return
      case FrameType.PathChallenge:
        visitor.onPathChallenge(reader.take(8))
        return
      case FrameType.PathResponse:
        visitor.onPathResponse(reader.take(8))
        return
      case FrameType.Close:
        this.#close()
        return
      case FrameType.HandshakeDone:
        visitor.onHandshakeDone()
        return
      case FrameType.Datagram:
        visitor.onDatagram(reader.take(reader.varint()))
        return
      default:
        if (visitor.onOptional?.(type, reader)) return
        throw malformed('unknown-frame', reader.offset - 1, `a frame of the unknown type 0x${type.toString(16)}`)
    }
  }

  // spec: STT-FRM-9
  #stream(fin: boolean): void {
    const reader = this.#reader
    const id = reader.varint()
    const start = reader.offset
    const offset = reader.varint()
    const length = reader.varint()
    if (offset > MAX_VARINT - length) throw malformed('offset-too-large', start, 'stream data that ends above 2^53 - 1')
    this.#visitor.onStream(id, offset, reader.take(length), fin)
  }

  // spec: STT-FRM-10
  #maxStreams(unidirectional: boolean): void {
    const start = this.#reader.offset
    const max = this.#reader.varint()
    if (max > MAX_STREAM_COUNT)
      throw malformed('stream-count-too-large', start, 'a stream limit whose ids do not fit a varint')
    this.#visitor.onMaxStreams(unidirectional, max)
  }

  // spec: STT-FRM-8
  #ack(): void {
    const reader = this.#reader
    const start = reader.offset
    const largest = reader.varint()
    const delay = reader.varint()
    let left = reader.varint()
    let high = largest
    let lowest = high - reader.varint()
    ranges.length = 0
    for (;;) {
      if (lowest < 0) throw malformed('ack-range-below-zero', start, 'an ACK of packet numbers below zero')
      ranges.push(high, lowest)
      if (left-- === 0) break
      high = lowest - reader.varint() - 2
      lowest = high - reader.varint()
    }
    this.#visitor.onAck(ranges, delay)
  }

  // spec: STT-FRM-15
  #join(): void {
    const start = this.#reader.offset
    const serial = this.#reader.varint()
    if (serial === 0) throw malformed('join-serial-zero', start, 'a JOIN with the serial 0')
    this.#visitor.onJoin(serial, this.#reader.uint8())
  }

  // spec: STT-FRM-11 STT-FRM-12
  #close(): void {
    const reader = this.#reader
    const start = reader.offset
    const app = reader.uint8()
    if (app > 1) throw malformed('close-app-flag', start, 'a CLOSE whose first byte is neither 0 nor 1')
    const code = reader.varint()
    const length = reader.varint()
    if (length > MAX_CLOSE_REASON)
      throw malformed('close-reason-too-long', start, `a CLOSE reason above ${MAX_CLOSE_REASON} bytes`)
    const reason = decodeUtf8(reader.take(length))
    if (reason === undefined) throw malformed('close-reason-not-utf8', start, 'a CLOSE reason that is not UTF-8')
    this.#visitor.onClose(app === 1, code, reason)
  }
}

/** Whether a frame of this type needs no acknowledgement. PATH_* are answered on their own link, or sent again. */
// spec: STT-FRM-7
function isQuiet(type: number): boolean {
  switch (type) {
    case FrameType.Ack:
    case FrameType.Join:
    case FrameType.PathChallenge:
    case FrameType.PathResponse:
    case FrameType.Close:
      return true
    default:
      return false
  }
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** One array for all readers: a hostile ACK of thousands of ranges takes no memory in its session. */
const ranges: number[] = []
