import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { provider } from '@stt/crypto'

/** The most that a packet of STT takes over a WebSocket, with its number and its tag. */
const RECORD = 65_531
const LENGTH = 4
const TAG = 16
/** Plaintext in one record: what is left of a packet beside its header, its frame's and its tag. */
export const RECORD_PLAINTEXT: number = RECORD - 9 - 8 - TAG

/** Records over a stream, each a length and a sealed packet: what any sealed framing asks of Node. */
export class Records {
  readonly stream: Duplex
  readonly #key = provider.aead(new Uint8Array(32).fill(7))
  /** Is given each record as it came, which is its own during the call only. */
  onRecord: (record: Uint8Array) => void = () => {}
  #block: Uint8Array = new Uint8Array(LENGTH + RECORD)
  #partial: Uint8Array = new Uint8Array(LENGTH + RECORD)
  #partialLength = 0

  constructor(stream: Duplex) {
    this.stream = stream
    stream.on('data', (data: Uint8Array) => this.#take(data))
    stream.on('error', () => stream.destroy())
  }

  /** Seals `plaintext` as one record. @returns whether the stream takes more at once */
  seal(plaintext: Uint8Array): boolean {
    const record = this.#block
    const length = this.#key.seal(NONCE, AD, plaintext, record, LENGTH) - LENGTH
    const taken = this.#write(record, length)
    // The system has not taken it yet, so its memory is the stream's until then.
    if (this.stream.writableLength > 0) this.#block = new Uint8Array(LENGTH + RECORD)
    return taken
  }

  open(record: Uint8Array): Uint8Array {
    const plaintext = this.#key.openToOwnBuffer(NONCE, AD, record)
    if (plaintext === undefined) throw new Error('a record that nobody sealed')
    return plaintext
  }

  /** A record of as many bytes that say nothing. */
  write(length: number): void {
    this.#write(new Uint8Array(LENGTH + length), length)
  }

  /** The next record, when only one is on its way. */
  next(): Promise<Uint8Array> {
    return new Promise(resolve => {
      this.onRecord = resolve
    })
  }

  drained(): Promise<unknown> {
    return once(this.stream, 'drain')
  }

  #write(record: Uint8Array, length: number): boolean {
    record[0] = length >>> 24
    record[1] = length >>> 16
    record[2] = length >>> 8
    record[3] = length
    return this.stream.write(record.subarray(0, LENGTH + length))
  }

  #take(data: Uint8Array): void {
    let rest = data
    while (rest.length > 0) {
      if (this.#partialLength === 0) {
        const end = rest.length < LENGTH ? Number.POSITIVE_INFINITY : LENGTH + lengthOf(rest)
        if (rest.length >= end) {
          this.onRecord(rest.subarray(LENGTH, end))
          rest = rest.subarray(end)
          continue
        }
      }
      rest = this.#fill(rest)
    }
  }

  /** Puts what came to the record that is not whole yet. @returns what is behind that record */
  #fill(bytes: Uint8Array): Uint8Array {
    const known = this.#partialLength >= LENGTH
    const end = known ? LENGTH + lengthOf(this.#partial) : LENGTH
    const taken = bytes.subarray(0, end - this.#partialLength)
    this.#partial.set(taken, this.#partialLength)
    this.#partialLength += taken.length
    if (known && this.#partialLength === end) {
      this.#partialLength = 0
      this.onRecord(this.#partial.subarray(LENGTH, end))
    }
    return bytes.subarray(taken.length)
  }
}

/** One nonce for all: what it holds costs nothing, and nothing here is secret. */
const NONCE = new Uint8Array(12)
const AD = new Uint8Array(9)

const lengthOf = (bytes: Uint8Array): number =>
  bytes[0]! * 0x1_00_00_00 + (bytes[1]! << 16) + (bytes[2]! << 8) + bytes[3]!
