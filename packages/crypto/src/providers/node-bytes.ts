import { randomFillSync } from 'node:crypto'
import { lengthOf } from './checks.ts'

/**
 * Random bytes, each given out once. Small draws are cut from a block that one call filled, as Node's `randomUUID` does: a
 * call for each costs more than the bytes do, and a handshake draws eleven times.
 *
 * @throws STT_INVALID_ARGUMENT for a wrong length
 */
export function randomBytes(length: number): Uint8Array<ArrayBuffer> {
  if (lengthOf(length) > LARGEST_CUT) return randomFillSync(new Uint8Array(length))
  if (length > BLOCK - used) {
    randomFillSync(block)
    used = 0
  }
  const from = used
  used += length
  const bytes = block.slice(from, used)
  // The block keeps no copy of the bytes that it gave out.
  block.fill(0, from, used)
  return bytes
}

/** A plain view, since the `slice` of a `Buffer` shares memory. */
export function plain(buffer: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length)
}

const BLOCK = 1_024
const LARGEST_CUT = 64
const block = new Uint8Array(BLOCK)
/** How much of `block` is used: all of it before the first draw. */
let used = BLOCK
