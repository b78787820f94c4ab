import { SttError } from '@stt/errors'
import { ByteReader, readMessageHeader, varintSizeFrom } from '@stt/frame'
import type { StreamCore } from './stream-core.ts'

/**
 * Takes messages out of a stream: a varint length, then the bytes. Storage grows with what arrived and never with
 * what the length claims; a message that is not there completely needs one of the session's slots.
 */
export class MessageReader {
  readonly #core: StreamCore
  #storage: Uint8Array | undefined
  #length = 0
  #filled = 0
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
  read(): Uint8Array | undefined {
    if (this.#storage === undefined && !this.#begin()) return undefined
    const receiving = this.#core.receiving!
    const count = Math.min(receiving.readable, this.#length - this.#filled)
    const storage = this.#storageFor(this.#filled + count)
    receiving.buffer.readInto(storage, this.#filled, count)
    this.#filled += count
    const missing = this.#length - this.#filled
    const truncated = missing > 0 && receiving.ended
    if (missing === 0 || truncated) this.abandon()
    this.#core.consumed(count)
    if (truncated) throw truncatedError()
    return missing === 0 ? storage : undefined
  }

  /** Forgets the message at hand and whatever it holds or waits for. */
  abandon(): void {
    const { slots } = this.#core.shared
    this.#storage = undefined
    slots.leave(this.#core.slotNode)
    if (this.#hasSlot) slots.release()
    this.#hasSlot = false
  }

  /** Takes the length off the stream; returns whether a message can be read now. */
  #begin(): boolean {
    const core = this.#core
    const receiving = core.receiving!
    const { readable } = receiving
    if (readable === 0) return false
    const header = varintSizeFrom(receiving.buffer.peek())
    if (readable < header) return this.#wait()
    const bytes = new Uint8Array(header)
    receiving.buffer.peekInto(bytes)
    const reader = new ByteReader()
    reader.reset(bytes, 0, header)
    const length = readMessageHeader(reader, core.shared.maxMessage.receive)

    const isWhole = readable >= header + length
    if (!isWhole) {
      this.#wait()
      if (!core.takeSlot()) return false
      this.#hasSlot = true
    } else {
      core.shared.slots.leave(core.slotNode)
    }
    receiving.buffer.readInto(bytes, 0, header)
    core.consumed(header)
    this.#length = length
    this.#filled = 0
    this.#storage = EMPTY
    return true
  }

  /** More bytes are needed: an error when none will come. */
  // spec: STT-STR-24
  #wait(): false {
    if (this.#core.receiving!.isComplete) throw truncatedError()
    return false
  }

  /** Storage for `needed` bytes: what is there is kept, and growing doubles it at most up to the message's length. */
  // spec: STT-STR-21
  #storageFor(needed: number): Uint8Array {
    const old = this.#storage!
    if (needed <= old.length) return old
    const grown = new Uint8Array(Math.min(this.#length, Math.max(needed, old.length * 2)))
    grown.set(old.subarray(0, this.#filled))
    this.#storage = grown
    return grown
  }
}

function truncatedError(): SttError {
  return new SttError('STT_TRUNCATED', 'the stream ended inside a message: its sender gave up on the way')
}

const EMPTY = new Uint8Array(0)
