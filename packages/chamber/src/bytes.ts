import { concatBytes } from '@stt/crypto'

export const EMPTY: Uint8Array<ArrayBuffer> = new Uint8Array(0)

/** `u32 length ‖ bytes`. */
export function lengthPrefixed(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const prefixed = new Uint8Array(4 + bytes.length)
  new DataView(prefixed.buffer).setUint32(0, bytes.length)
  prefixed.set(bytes, 4)
  return prefixed
}

/** All of a source in one array; undefined when it has more than `limit` bytes. */
export async function collectUpTo(source: AsyncIterable<Uint8Array>, limit: number): Promise<Uint8Array | undefined> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of source) {
    length += part.length
    if (length > limit) return undefined
    parts.push(part)
  }
  return parts.length === 1 ? parts[0]! : concatBytes(parts)
}

/** A source of what is in memory already. */
export async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes
}
