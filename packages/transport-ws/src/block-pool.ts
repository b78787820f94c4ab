import { MAX_MESSAGE_SIZE } from './codec/limits.ts'

/** Room for the largest frame, lent to one write and returned when the network has the bytes. */
export interface Block {
  readonly bytes: Uint8Array
  /** Pass it to the write as its callback: it returns the block, then calls the borrower's `onWritten`. */
  readonly onWritten: (error?: Error | null) => void
}

/** Lends a block; `onWritten` is called each time a write that borrowed one ended. */
export function lendBlock(onWritten: () => void): Block {
  const block = free.pop() ?? new PooledBlock()
  block.borrower = onWritten
  return block
}

class PooledBlock implements Block {
  readonly bytes: Uint8Array = Buffer.allocUnsafeSlow(BLOCK_SIZE)
  borrower: () => void = nobody
  readonly onWritten = (error?: Error | null): void => {
    const { borrower } = this
    this.borrower = nobody
    // After a failed write the socket may still hold the bytes.
    if (!error && free.length < MAX_FREE) free.push(this)
    borrower()
  }
}

const nobody = (): void => {}
/** The longest header before the largest message is 8 bytes. */
const BLOCK_SIZE = MAX_MESSAGE_SIZE + 9
/** What stays for the next write while nothing is in flight: 2 MiB for the whole process. */
const MAX_FREE = 32
const free: PooledBlock[] = []
