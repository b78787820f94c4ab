import { SttError } from '@stt/errors'
import { messageHeaderSize, writeMessageHeader } from '@stt/frame'
import type { StreamCore } from './stream-core.ts'

/** Writes messages to a stream: the length as a varint, then the bytes, as credit accepts them. */
export class MessageWriter {
  readonly #core: StreamCore
  /** Bytes of the message at hand that were accepted, its length included; -1 between messages. */
  #written = BETWEEN_MESSAGES
  #length = 0

  constructor(core: StreamCore) {
    this.#core = core
  }

  /** Whether a part of a message was written: nothing else can be written before the rest of it. */
  get isInside(): boolean {
    return this.#written !== BETWEEN_MESSAGES
  }

  /**
   * Writes `message`, or what is left of it; returns whether all of it was accepted.
   *
   * @throws SttError `STT_MESSAGE_TOO_LARGE`, and `STT_INVALID_ARGUMENT` when the rest is of another message
   */
  accept(message: Uint8Array): boolean {
    const { length } = message
    const { writer, shared } = this.#core
    const header = messageHeaderSize(length)
    if (this.isInside && length !== this.#length) throw changedMessage()
    if (this.#written < header) {
      const bytes = new Uint8Array(header)
      writeMessageHeader(bytes, 0, length, shared.maxMessage.send)
      const from = Math.max(0, this.#written)
      this.#length = length
      this.#written = from + writer.accept(bytes.subarray(from))
      if (this.#written < header) return false
    }
    this.#written += writer.accept(message.subarray(this.#written - header))
    if (this.#written < header + length) return false
    this.#written = BETWEEN_MESSAGES
    this.#core.messagesSent++
    return true
  }
}

function changedMessage(): SttError {
  const message =
    'the message has another length than before: its memory was transferred or has shrunk. Reset the stream'
  return new SttError('STT_INVALID_ARGUMENT', message)
}

const BETWEEN_MESSAGES = -1
