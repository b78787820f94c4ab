import {
  HASH_LENGTH,
  HEADER_LENGTH,
  MAX_REASON,
  type Message,
  TYPES,
  WHOLE_FIELDS,
  type WholeFile,
} from './messages.ts'

/** Writes a message as bytes: its type, the length of the rest, its fields in order. */
export function encodeMessage(message: Message): Uint8Array<ArrayBuffer> {
  const body = new Fields()
  switch (message.type) {
    case 'begin':
      body.u32(message.version).u64(message.files).u64(message.bytes)
      break
    case 'folder':
      body.u32(message.mode).u64(message.modified).text(message.path)
      break
    case 'file':
      body.u64(message.size).u32(message.mode).u64(message.modified).text(message.path)
      break
    case 'whole': {
      const bytes = new Uint8Array(wholeLength(message.path, message.bytes.length))
      bytes.set(message.bytes, startWhole(bytes, message))
      endWhole(bytes, message.hash)
      return bytes
    }
    case 'from':
      body.u64(message.id).u64(message.offset)
      break
    case 'data':
      body.bytes(message.bytes)
      break
    case 'hole':
      body.u64(message.length)
      break
    case 'end':
      body.u64(message.id).bytes(message.hash)
      break
    case 'ready':
      body.u32(message.version)
      break
    case 'want':
      body
        .u64(message.id)
        .u64(message.offset)
        .u8(message.kept ? 1 : 0)
        .bytes(message.hash)
      break
    case 'done':
    case 'had':
      body.u64(message.id).u32(message.count)
      break
    case 'give-up':
    case 'refused':
      body.u64(message.id).text(cutText(message.reason))
      break
    case 'abort':
      body.text(cutText(message.reason))
      break
  }
  return body.framed(TYPES[message.type])
}

/** Writes the header of a `data` message of this many bytes, which follow it. */
export function startData(message: Uint8Array, length: number): void {
  message[0] = TYPES.data
  new DataView(message.buffer, message.byteOffset).setUint32(1, length)
}

/** Bytes of a `whole` message of a file of this path and size. */
export const wholeLength = (path: string, size: number): number =>
  HEADER_LENGTH + WHOLE_FIELDS + utf8Length(path) + size

/**
 * Writes a `whole` message except for its hash and contents.
 *
 * @param message bytes of the message's length, to write to
 * @returns where the contents begin
 */
export function startWhole(
  message: Uint8Array,
  { path, mode, modified }: Omit<WholeFile, 'type' | 'hash' | 'bytes'>,
): number {
  const view = new DataView(message.buffer, message.byteOffset, message.length)
  const { written } = utf8.encodeInto(path, message.subarray(HEADER_LENGTH + WHOLE_FIELDS))
  view.setUint8(0, TYPES.whole)
  view.setUint32(1, message.length - HEADER_LENGTH)
  view.setUint32(HEADER_LENGTH, mode)
  setU64(view, HEADER_LENGTH + 4, modified)
  view.setUint16(HEADER_LENGTH + WHOLE_FIELDS - 2, written)
  return HEADER_LENGTH + WHOLE_FIELDS + written
}

/** Writes the hash of the contents into a `whole` message. */
export function endWhole(message: Uint8Array, hash: Uint8Array): void {
  message.set(hash.subarray(0, HASH_LENGTH), HEADER_LENGTH + 12)
}

/** Length of a text as UTF-8, without encoding it. A lone surrogate counts three, as does the character that replaces it. */
function utf8Length(text: string): number {
  let length = 0
  for (const character of text) {
    const code = character.codePointAt(0)!
    length += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x1_0000 ? 3 : 4
  }
  return length
}

/** Cuts a reason to the length that a message takes. */
function cutText(text: string): string {
  let cut = text.slice(0, MAX_REASON)
  while (utf8.encode(cut).length > MAX_REASON) cut = cut.slice(0, -1)
  return cut
}

function setU64(view: DataView, at: number, value: number): void {
  view.setUint32(at, Math.floor(value / 2 ** 32))
  view.setUint32(at + 4, value % 2 ** 32)
}

class Fields {
  readonly #parts: Uint8Array[] = []

  u8(value: number): this {
    return this.bytes(Uint8Array.of(value))
  }

  u32(value: number): this {
    const bytes = new Uint8Array(4)
    new DataView(bytes.buffer).setUint32(0, value)
    return this.bytes(bytes)
  }

  u64(value: number): this {
    const bytes = new Uint8Array(8)
    setU64(new DataView(bytes.buffer), 0, value)
    return this.bytes(bytes)
  }

  text(value: string): this {
    return this.bytes(utf8.encode(value))
  }

  bytes(value: Uint8Array): this {
    this.#parts.push(value)
    return this
  }

  framed(type: number): Uint8Array<ArrayBuffer> {
    const length = this.#parts.reduce((sum, part) => sum + part.length, 0)
    const framed = new Uint8Array(HEADER_LENGTH + length)
    framed[0] = type
    new DataView(framed.buffer).setUint32(1, length)
    let offset = HEADER_LENGTH
    for (const part of this.#parts) {
      framed.set(part, offset)
      offset += part.length
    }
    return framed
  }
}

const utf8 = new TextEncoder()
