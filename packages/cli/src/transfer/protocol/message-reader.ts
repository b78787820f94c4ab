import {
  HASH_LENGTH,
  HEADER_LENGTH,
  MAX_CONTROL,
  MAX_DATA,
  MAX_PATH,
  MAX_REASON,
  type Message,
  TYPES,
} from './messages.ts'
import { TransferProtocolError } from './protocol-error.ts'

/**
 * Reads messages out of a stream's bytes, cut anywhere. Data is handed on as it comes and never gathered; of anything else
 * at most one message is held.
 */
export class MessageReader {
  /** What there is of a header or of a message that is no data. */
  readonly #held = new Uint8Array(HEADER_LENGTH + MAX_CONTROL)
  #length = 0
  /** Bytes of a `data` message that have not come yet. */
  #dataLeft = 0

  /** Whether the bytes so far end with a whole message. */
  get isBetweenMessages(): boolean {
    return this.#length === 0 && this.#dataLeft === 0
  }

  /**
   * The messages that these bytes complete. A `data` message comes in as many pieces as its bytes do.
   *
   * @throws TransferProtocolError when it is reached, after the messages before it
   */
  *read(chunk: Uint8Array): Generator<Message> {
    let rest = chunk
    while (rest.length > 0) {
      if (this.#dataLeft > 0) {
        const bytes = rest.subarray(0, this.#dataLeft)
        this.#dataLeft -= bytes.length
        rest = rest.subarray(bytes.length)
        yield { type: 'data', bytes }
        continue
      }
      rest = rest.subarray(this.#take(rest, HEADER_LENGTH))
      if (this.#length < HEADER_LENGTH) return
      const type = this.#held[0]!
      const size = new DataView(this.#held.buffer).getUint32(1)
      if (type === TYPES.data) {
        if (size === 0 || size > MAX_DATA) throw new TransferProtocolError(`a piece of ${size} bytes`)
        this.#length = 0
        this.#dataLeft = size
        continue
      }
      if (size > MAX_CONTROL) throw new TransferProtocolError(`a message of ${size} bytes`)
      rest = rest.subarray(this.#take(rest, HEADER_LENGTH + size))
      if (this.#length < HEADER_LENGTH + size) return
      this.#length = 0
      yield decodeMessage(type, this.#held.subarray(HEADER_LENGTH, HEADER_LENGTH + size))
    }
  }

  /** Holds what is missing up to `length`. @returns how many bytes that were */
  #take(from: Uint8Array, length: number): number {
    const taken = from.subarray(0, Math.max(0, length - this.#length))
    this.#held.set(taken, this.#length)
    this.#length += taken.length
    return taken.length
  }
}

function decodeMessage(type: number, body: Uint8Array): Message {
  const fields = new FieldReader(body)
  const message = read(type, fields)
  fields.end()
  return message
}

function read(type: number, fields: FieldReader): Message {
  switch (type) {
    case TYPES.begin:
      return { type: 'begin', version: fields.u32(), files: fields.u64(), bytes: fields.u64() }
    case TYPES.folder:
      return { type: 'folder', mode: fields.u32(), modified: fields.u64(), path: fields.text(MAX_PATH) }
    case TYPES.file:
      return {
        type: 'file',
        size: fields.u64(),
        mode: fields.u32(),
        modified: fields.u64(),
        path: fields.text(MAX_PATH),
      }
    case TYPES.from:
      return { type: 'from', id: fields.u64(), offset: fields.u64() }
    case TYPES.hole:
      return { type: 'hole', length: fields.u64() }
    case TYPES.end:
      return { type: 'end', id: fields.u64(), hash: fields.bytes(HASH_LENGTH) }
    case TYPES['give-up']:
      return { type: 'give-up', id: fields.u64(), reason: fields.text(MAX_REASON) }
    case TYPES.all:
      return { type: 'all' }
    case TYPES.ready:
      return { type: 'ready', version: fields.u32() }
    case TYPES.want:
      return {
        type: 'want',
        id: fields.u64(),
        offset: fields.u64(),
        kept: fields.boolean(),
        hash: fields.bytes(HASH_LENGTH),
      }
    case TYPES.done:
      return { type: 'done', id: fields.u64() }
    case TYPES.refused:
      return { type: 'refused', id: fields.u64(), reason: fields.text(MAX_REASON) }
    case TYPES.abort:
      return { type: 'abort', reason: fields.text(MAX_REASON) }
    case TYPES.finished:
      return { type: 'finished' }
    default:
      throw new TransferProtocolError(`a message of type ${type}`)
  }
}

class FieldReader {
  readonly #body: Uint8Array
  readonly #view: DataView
  #offset = 0

  constructor(body: Uint8Array) {
    this.#body = body
    this.#view = new DataView(body.buffer, body.byteOffset, body.length)
  }

  boolean(): boolean {
    const value = this.#body[this.#advance(1)]!
    if (value > 1) throw new TransferProtocolError(`${value} is neither yes nor no`)
    return value === 1
  }

  u32(): number {
    return this.#view.getUint32(this.#advance(4))
  }

  u64(): number {
    const value = this.#view.getBigUint64(this.#advance(8))
    if (value > MAX_INTEGER) throw new TransferProtocolError('a number that is too large')
    return Number(value)
  }

  /** The rest, as text. */
  text(maximum: number): string {
    const bytes = this.#body.subarray(this.#offset)
    if (bytes.length > maximum) throw new TransferProtocolError(`a text of ${bytes.length} bytes`)
    this.#offset = this.#body.length
    try {
      return utf8.decode(bytes)
    } catch {
      throw new TransferProtocolError('a text that is not UTF-8')
    }
  }

  /** A copy. */
  bytes(length: number): Uint8Array<ArrayBuffer> {
    const start = this.#advance(length)
    return this.#body.slice(start, start + length) as Uint8Array<ArrayBuffer>
  }

  end(): void {
    if (this.#offset !== this.#body.length) throw new TransferProtocolError('a message that is too long')
  }

  #advance(length: number): number {
    const start = this.#offset
    if (start + length > this.#body.length) throw new TransferProtocolError('a message that is too short')
    this.#offset += length
    return start
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const MAX_INTEGER = BigInt(Number.MAX_SAFE_INTEGER)
