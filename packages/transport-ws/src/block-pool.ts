import { MAX_MESSAGE_SIZE } from './codec/limits.ts'

/** A block for the largest frame: a returned one, or a new one. */
export const takeBlock = (): Uint8Array => free.pop() ?? Buffer.allocUnsafeSlow(BLOCK_SIZE)

/** Takes a block back once the network has its bytes. */
export function returnBlock(block: Uint8Array): void {
  if (free.length < MAX_FREE) free.push(block)
}

/** The header of the largest message has at most 8 bytes. */
const BLOCK_SIZE = MAX_MESSAGE_SIZE + 9
/** Free blocks that the process keeps for the next writes: 2 MiB in all. */
const MAX_FREE = 32
const free: Uint8Array[] = []
