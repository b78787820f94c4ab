import { randomFillSync } from 'node:crypto'
import { lengthOf } from './checks.ts'

/**
 * Random bytes that are given to nobody else. Small draws are cut from a block that one call filled, as `randomUUID` of Node
 * does it: a call for each costs more than the bytes do, and a handshake makes eleven.
 *
 * @throws STT_INVALID_ARGUMENT for a length that is none
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
  // A key that was cut from it has no second copy here.
  block.fill(0, from, used)
  return bytes
}

/** A plain view: a `Buffer` is a `Uint8Array` whose `slice` shares memory. */
export function plain(buffer: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length)
}

const BLOCK = 1_024
const LARGEST_CUT = 64
const block = new Uint8Array(BLOCK)
/** How much of `block` was given away: all of it before the first draw. */
let used = BLOCK
