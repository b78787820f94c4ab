import { randomFillSync } from 'node:crypto'
<<<<<<< HEAD
import { lengthOf } from './checks.ts'
import type { Entropy } from './provider.ts'

export const randomBytes: Entropy = length => randomFillSync(new Uint8Array(lengthOf(length)))
=======

export const randomBytes = (length: number): Uint8Array<ArrayBuffer> => randomFillSync(new Uint8Array(length))
>>>>>>> 8d63ffe (Bytes that are handed out fit the platform's types; a stream is a Duplex where Node is)

/** A plain view: a `Buffer` is a `Uint8Array` whose `slice` shares memory. */
export function plain(buffer: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length)
}
