/**
 * The bytes of a stream that the application wrote and the peer has not acknowledged, addressed by stream offset.
 * Small writes share a block; a block is reused when all of its bytes were acknowledged.
 */
export class SendBuffer {
  readonly #blocks: Block[] = []
  #start = 0
  #end = 0

  /** Offset of the first byte that is kept. */
  get start(): number {
    return this.#start
  }

  /** Offset after the last byte written. */
  get end(): number {
    return this.#end
  }

  /** Copies `length` bytes of `bytes` to the end. */
  append(bytes: Uint8Array, length: number): void {
    let at = 0
    while (at < length) {
      let block = this.#blocks[this.#blocks.length - 1]
      let used = block === undefined ? 0 : this.#end - block.start
      if (block === undefined || used === block.bytes.length) {
        block = { start: this.#end, bytes: allocate(Math.max(length - at, this.#end - this.#start)) }
        this.#blocks.push(block)
        used = 0
      }
      const count = Math.min(length - at, block.bytes.length - used)
      block.bytes.set(at === 0 && count === bytes.length ? bytes : bytes.subarray(at, at + count), used)
      at += count
      this.#end += count
    }
  }

  /** Copies the bytes from `start` to `end` to `target` at `at`. */
  copyTo(target: Uint8Array, at: number, start: number, end: number): void {
    let offset = start
    for (let i = this.#findBlock(start); offset < end; i++) {
      const block = this.#blocks[i]!
      const to = Math.min(end, block.start + block.bytes.length)
      target.set(block.bytes.subarray(offset - block.start, to - block.start), at + offset - start)
      offset = to
    }
  }

  /** Forgets the bytes below `offset`. */
  release(offset: number): void {
    this.#start = offset
    let block = this.#blocks[0]
    while (block !== undefined && block.start + block.bytes.length <= offset) {
      recycle(block.bytes)
      this.#blocks.shift()
      block = this.#blocks[0]
    }
    if (offset < this.#end) return
    if (block !== undefined) recycle(block.bytes)
    this.#blocks.length = 0
    trim()
  }

  #findBlock(offset: number): number {
    const blocks = this.#blocks
    let low = 0
    let high = blocks.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (blocks[middle]!.start + blocks[middle]!.bytes.length <= offset) low = middle + 1
      else high = middle
    }
    return low
  }
}

interface Block {
  readonly start: number
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** A block for at least `wanted` bytes, or 64 KiB. `wanted` is the size of the backlog, so that blocks stay few. */
function allocate(wanted: number): Uint8Array<ArrayBuffer> {
  if (wanted >= BLOCK_SIZE) return spare.pop() ?? new Uint8Array(BLOCK_SIZE)
  return new Uint8Array(Math.max(MIN_BLOCK, wanted))
}

function recycle(bytes: Uint8Array<ArrayBuffer>): void {
  if (bytes.length === BLOCK_SIZE && spare.length < MAX_SPARE) spare.push(bytes)
}

/** A stream has nothing in flight any more: frees the spare blocks beyond those that are kept while idle. */
function trim(): void {
  if (spare.length > IDLE_SPARE) spare.length = IDLE_SPARE
}

const BLOCK_SIZE = 65536
const MIN_BLOCK = 256
/**
 * Spare blocks, shared by all streams of the program. A new block costs its zeroing and, worse, garbage collection: a bulk
 * sender takes and frees as many blocks as its window holds, which is 16 MiB.
 */
const MAX_SPARE = 256
/** Spare blocks that are kept while no stream is sending in bulk: 2 MiB. */
const IDLE_SPARE = 32
const spare: Uint8Array<ArrayBuffer>[] = []
