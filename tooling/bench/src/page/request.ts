export type Direction = 'up' | 'down'

/** What a page asks for, as bytes: where they go, and how many. */
export function requestOf(direction: Direction, size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(REQUEST_LENGTH)
  bytes[0] = direction === 'up' ? 1 : 0
  new DataView(bytes.buffer).setFloat64(1, size)
  return bytes
}

export function readRequest(bytes: Uint8Array): { readonly direction: Direction; readonly size: number } {
  const size = new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getFloat64(1)
  return { direction: bytes[0] === 1 ? 'up' : 'down', size }
}

export const REQUEST_LENGTH = 9
/** Bytes that are written at once, by either. */
export const BARE_PIECE = 65_536
