import { randomFillSync } from 'node:crypto'
import { lengthOf } from './checks.ts'
import type { Entropy } from './provider.ts'

export const randomBytes: Entropy = length => randomFillSync(new Uint8Array(lengthOf(length)))

/** A plain view: a `Buffer` is a `Uint8Array` whose `slice` shares memory. */
export function plain(buffer: Uint8Array): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length)
}
