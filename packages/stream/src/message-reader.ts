import { SttError } from '@stt/errors'
import { ByteReader, readMessageHeader, varintSizeFrom } from '@stt/frame'
import type { ReceiveHalf } from './receive-half.ts'

/**
 * Takes messages out of a stream: a varint length, then the bytes. A message waits in its stream until all of it has
 * arrived, so it takes the memory of its bytes, never that of its claimed length, and counts as any other bytes of the
 * stream. A message that needs more credit than its stream has takes one of the session's slots, and borrows the credit.
 */
export class MessageReader {
  readonly #receiving: ReceiveHalf
  readonly #maxMessage: number
  /** Bytes of the header of the message at hand. */
  #header = 0
  /** Bytes of the message at hand, its header included; 0 when none was begun. */
  #total = 0
  #count = 0

  /** @param maxMessage bytes of the largest message that this side accepts */
  constructor(receiving: ReceiveHalf, maxMessage: number) {
    this.#receiving = receiving
    this.#maxMessage = maxMessage
  }

  /** Messages that were read. */
  get count(): number {
    return this.#count
  }

  /**
   * The next message, or `undefined` when more bytes or a slot are needed first.
   *
   * @throws ProtocolError `MessageTooLarge` or `FrameEncoding`, which end the session
   * @throws SttError `STT_TRUNCATED` when the stream ends inside a message
   */
  read(): Uint8Array<ArrayBuffer> | undefined {
    const receiving = this.#receiving
    // A message that was begun before the stream was given up is gone.
    if (!receiving.isDiscarding) {
      if (this.#total === 0) this.#begin()
      if (this.#total > 0 && receiving.readable >= this.#total) return this.#take()
      if (receiving.isComplete && receiving.readable > 0) this.#truncated()
      // spec: STT-STR-22 STT-STR-23
      if (this.#total > 0 && !receiving.allows(this.#total)) receiving.takeSlot(this.#total)
    }
    receiving.wait()
    return undefined
  }

  /** Forgets the message at hand, with its slot or its place in the queue for one. */
  abandon(): void {
    this.#total = 0
    this.#receiving.leaveSlot()
  }

  /** Reads the length of the next message if it has arrived. */
  #begin(): void {
    const { buffer, readable } = this.#receiving
    if (readable === 0) return
    const first = buffer.peek()
    const header = varintSizeFrom(first)
    if (readable < header) return
    this.#header = header
    // One packet may hold thousands of the smallest messages.
    if (header === 1 && first <= this.#maxMessage) {
      this.#total = 1 + first
      return
    }
    const bytes = new Uint8Array(header)
    buffer.peekInto(bytes)
    const reader = new ByteReader()
    reader.reset(bytes, 0, header)
    this.#total = header + readMessageHeader(reader, this.#maxMessage)
  }

  // spec: STT-STR-21
  #take(): Uint8Array<ArrayBuffer> {
    const { buffer, isTight } = this.#receiving
    const total = this.#total
    buffer.readInto(ignored, 0, this.#header, isTight)
    const message = new Uint8Array(total - this.#header)
    buffer.readInto(message, 0, message.length, isTight)
    this.abandon()
    this.#count++
    this.#receiving.consume(total)
    return message
  }

  /** The message will never be complete: drops what arrived of it. */
  // spec: STT-STR-24
  #truncated(): never {
    const { buffer, readable } = this.#receiving
    this.abandon()
    buffer.clear()
    this.#receiving.consume(readable)
    throw new SttError('STT_TRUNCATED', 'the stream ended inside a message: its sender gave up on the way')
  }
}

/** Receives the headers of messages, which are known by then. */
const ignored = new Uint8Array(8)
