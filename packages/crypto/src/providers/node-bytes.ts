import { randomFillSync } from 'node:crypto'
import { lengthOf } from './checks.ts'

export const randomBytes = (length: number): Uint8Array<ArrayBuffer> => randomFillSync(new Uint8Array(lengthOf(length)))

/** A plain view: a `Buffer` is a `Uint8Array` whose `slice` shares memory. */
export function plain(buffer: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length)
}
