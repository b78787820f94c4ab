import { SttError } from '@stt/errors'
import { ByteReader, readMessageHeader, varintSizeFrom } from '@stt/frame'
import type { StreamCore } from './stream-core.ts'

/**
 * Takes messages out of a stream: a varint length, then the bytes. A message waits in its stream until all of it is
 * there, so what it holds is what arrived of it, never what the length claims, and it is counted as any other bytes
 * of the stream. One that needs more credit than its stream has takes one of the session's slots and gets it lent.
 */
export class MessageReader {
  readonly #core: StreamCore
  /** Bytes of the length of the message at hand, and of all of it; 0 when none was begun. */
  #header = 0
  #total = 0
  #hasSlot = false

  constructor(core: StreamCore) {
    this.#core = core
  }

  /**
   * The next message, or `undefined` when more bytes or a slot are needed first.
   *
   * @throws ProtocolError `MessageTooLarge` or `FrameEncoding`, which end the session
   * @throws SttError `STT_TRUNCATED` when the stream ends inside a message
   */
  read(): Uint8Array<ArrayBuffer> | undefined {
    if (this.#total === 0) this.#begin()
    const core = this.#core
    const receiving = core.receiving!
    if (this.#total === 0 || receiving.readable < this.#total) {
      if (receiving.isComplete && receiving.readable > 0) this.#truncated()
      // spec: STT-STR-22 STT-STR-23
      if (this.#total > 0 && !receiving.allows(this.#total) && !this.#hasSlot)
        this.#hasSlot = core.takeSlot(this.#total)
      return undefined
    }
    return this.#take()
  }

  /** Forgets the message at hand and whatever it holds or waits for. */
  abandon(): void {
    const { slots } = this.#core.shared
    this.#total = 0
    slots.leave(this.#core.slotNode)
    if (this.#hasSlot) slots.release()
    this.#hasSlot = false
  }

  /** Reads the length of the next message, where it is there. */
  #begin(): void {
    const { receiving, shared } = this.#core
    const { buffer, readable } = receiving!
    if (readable === 0) return
    const first = buffer.peek()
    const header = varintSizeFrom(first)
    if (readable < header) return
    this.#header = header
    // Thousands of the smallest may come in one packet.
    if (header === 1 && first <= shared.maxMessage.receive) {
      this.#total = 1 + first
      return
    }
    const bytes = new Uint8Array(header)
    buffer.peekInto(bytes)
    const reader = new ByteReader()
    reader.reset(bytes, 0, header)
    this.#total = header + readMessageHeader(reader, shared.maxMessage.receive)
  }

  // spec: STT-STR-21
  #take(): Uint8Array<ArrayBuffer> {
    const core = this.#core
    const { buffer } = core.receiving!
    const total = this.#total
    const { isTight } = core.shared.memory
    buffer.readInto(ignored, 0, this.#header, isTight)
    const message = new Uint8Array(total - this.#header)
    buffer.readInto(message, 0, message.length, isTight)
    this.abandon()
    core.messagesReceived++
    core.consumed(total)
    return message
  }

  /** More bytes are needed and none will come: what there is, is dropped. */
  // spec: STT-STR-24
  #truncated(): never {
    const core = this.#core
    const { buffer, readable } = core.receiving!
    this.abandon()
    buffer.clear()
    core.consumed(readable)
    throw new SttError('STT_TRUNCATED', 'the stream ended inside a message: its sender gave up on the way')
  }
}

/** Where the lengths of messages go that were read before. */
const ignored = new Uint8Array(8)
