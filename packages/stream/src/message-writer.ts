import { SttError } from '@stt/errors'
import { messageHeaderSize, writeMessageHeader } from '@stt/frame'
import type { SendHalf } from './send-half.ts'

/** Writes messages to a stream: the length as a varint, then the bytes, as credit accepts them. */
export class MessageWriter {
  readonly #sending: SendHalf
  readonly #maxMessage: number
  /** Bytes of the message at hand that were accepted, its header included; -1 between messages. */
  #written = BETWEEN_MESSAGES
  #length = 0
  #count = 0

  /** @param maxMessage bytes of the largest message that the peer accepts */
  constructor(sending: SendHalf, maxMessage: number) {
    this.#sending = sending
    this.#maxMessage = maxMessage
  }

  /** Messages that were accepted completely. */
  get count(): number {
    return this.#count
  }

  /** Whether a message is written in part: its rest has to come before anything else. */
  get isInside(): boolean {
    return this.#written !== BETWEEN_MESSAGES
  }

  /**
   * Writes `message`, or the rest of it; returns whether all of it was accepted.
   *
   * @throws SttError `STT_MESSAGE_TOO_LARGE`, and `STT_INVALID_ARGUMENT` when the rest comes with another length
   */
  write(message: Uint8Array): boolean {
    const { length } = message
    const header = messageHeaderSize(length)
    if (this.isInside && length !== this.#length) throw changedMessage()
    if (this.#written < header) {
      const bytes = new Uint8Array(header)
      writeMessageHeader(bytes, 0, length, this.#maxMessage)
      const from = Math.max(0, this.#written)
      this.#length = length
      this.#written = from + this.#sending.write(bytes.subarray(from))
      if (this.#written < header) return false
    }
    this.#written += this.#sending.write(message.subarray(this.#written - header))
    if (this.#written < header + length) return false
    this.#written = BETWEEN_MESSAGES
    this.#count++
    return true
  }
}

function changedMessage(): SttError {
  const message =
    'the message has another length than before: its memory was transferred or has shrunk. Reset the stream'
  return new SttError('STT_INVALID_ARGUMENT', message)
}

const BETWEEN_MESSAGES = -1
