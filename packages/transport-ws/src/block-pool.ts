import { MAX_MESSAGE_SIZE } from './codec/limits.ts'

/** Memory for the largest frame, from what was given back or new. */
export const takeBlock = (): Uint8Array => free.pop() ?? Buffer.allocUnsafeSlow(BLOCK_SIZE)

/** The network has what the block held. */
export function returnBlock(block: Uint8Array): void {
  if (free.length < MAX_FREE) free.push(block)
}

/** The longest header before the largest message is 8 bytes. */
const BLOCK_SIZE = MAX_MESSAGE_SIZE + 9
/** What stays for the next write while nothing is in flight: 2 MiB for the whole process. */
const MAX_FREE = 32
const free: Uint8Array[] = []
