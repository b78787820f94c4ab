import {
  HASH_LENGTH,
  HEADER_LENGTH,
  MAX_CONTROL,
  MAX_DATA,
  MAX_PATH,
  MAX_REASON,
  MAX_WHOLE,
  type Message,
  TYPES,
  WHOLE_FIELDS,
} from './messages.ts'
import { TransferProtocolError } from './protocol-error.ts'

/**
 * Reads messages from a stream's bytes, which may be cut anywhere. It passes on data as it comes, without gathering it, and holds at
 * most one other message.
 */
export class MessageReader {
  /** The beginning of a header, or of a message other than data, that a chunk cut off. */
  #held: Uint8Array<ArrayBuffer> = new Uint8Array(HEADER_LENGTH + MAX_CONTROL)
  #length = 0
  /** Bytes of a `data` message that have not come yet. */
  #dataLeft = 0

  /** Whether the bytes so far end with a whole message. */
  get isBetweenMessages(): boolean {
    return this.#length === 0 && this.#dataLeft === 0
  }

  /**
   * Yields the messages that these bytes complete. A `data` message comes in as many pieces as its bytes do.
   *
   * @throws TransferProtocolError at a message that is malformed, after yielding those before it
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
      // Most messages lie in one chunk and are read without a copy.
      if (this.#length > 0 || rest.length < HEADER_LENGTH) rest = rest.subarray(this.#take(rest, HEADER_LENGTH))
      const header = this.#length > 0 ? this.#held.subarray(0, this.#length) : rest
      if (header.length < HEADER_LENGTH) return
      const type = header[0]!
      const size = sizeOf(header)
      if (type === TYPES.data) {
        rest = this.#length > 0 ? rest : rest.subarray(HEADER_LENGTH)
        this.#length = 0
        this.#dataLeft = size
        continue
      }
      const end = HEADER_LENGTH + size
      let message = rest
      if (this.#length > 0 || rest.length < end) {
        rest = rest.subarray(this.#take(rest, end))
        if (this.#length < end) return
        this.#length = 0
        message = this.#held
      } else rest = rest.subarray(end)
      yield decodeMessage(type, message.subarray(HEADER_LENGTH, end))
    }
  }

  /** Adds bytes to the held ones, up to `length`. @returns how many it took */
  #take(from: Uint8Array, length: number): number {
    if (length > this.#held.length) {
      const larger = new Uint8Array(HEADER_LENGTH + WHOLE_FIELDS + MAX_PATH + MAX_WHOLE)
      larger.set(this.#held.subarray(0, this.#length))
      this.#held = larger
    }
    const taken = from.subarray(0, Math.max(0, length - this.#length))
    this.#held.set(taken, this.#length)
    this.#length += taken.length
    return taken.length
  }
}

/** Size of the body that follows a header. @throws TransferProtocolError if it is too long for its type */
function sizeOf(header: Uint8Array): number {
  const [type] = header
  const size = new DataView(header.buffer, header.byteOffset).getUint32(1)
  if (type === TYPES.data) {
    if (size === 0 || size > MAX_DATA) throw new TransferProtocolError(`a piece of ${size} bytes`)
    return size
  }
  const most = type === TYPES.whole ? WHOLE_FIELDS + MAX_PATH + MAX_WHOLE : MAX_CONTROL
  if (size > most) throw new TransferProtocolError(`a message of ${size} bytes`)
  return size
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
    case TYPES.whole: {
      const [mode, modified, hash] = [fields.u32(), fields.u64(), fields.bytes(HASH_LENGTH)]
      return {
        type: 'whole',
        mode,
        modified,
        hash,
        path: fields.text(MAX_PATH, fields.u16()),
        bytes: fields.rest(MAX_WHOLE),
      }
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
      return { type: 'done', id: fields.u64(), count: fields.u32() }
    case TYPES.had:
      return { type: 'had', id: fields.u64(), count: fields.u32() }
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

  u16(): number {
    return this.#view.getUint16(this.#advance(2))
  }

  u32(): number {
    return this.#view.getUint32(this.#advance(4))
  }

  u64(): number {
    const start = this.#advance(8)
    const value = this.#view.getUint32(start) * 2 ** 32 + this.#view.getUint32(start + 4)
    if (value > Number.MAX_SAFE_INTEGER) throw new TransferProtocolError('a number that is too large')
    return value
  }

  /** Reads so many bytes, or the rest, as text. */
  text(maximum: number, length: number = this.#body.length - this.#offset): string {
    if (length > maximum) throw new TransferProtocolError(`a text of ${length} bytes`)
    const start = this.#advance(length)
    try {
      return utf8.decode(this.#body.subarray(start, start + length))
    } catch {
      throw new TransferProtocolError('a text that is not UTF-8')
    }
  }

  /** The rest of the body, without a copy. */
  rest(maximum: number): Uint8Array {
    const length = this.#body.length - this.#offset
    if (length > maximum) throw new TransferProtocolError(`${length} bytes of a whole file`)
    return this.#body.subarray(this.#advance(length))
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
