import { CloseCode, ProtocolError } from '@stt/frame'
import { RangeSet } from './range-set.ts'

/**
 * Puts the bytes of a stream in order, in whatever order they arrive, with whatever duplicates and overlaps. The first copy
 * of a byte wins.
 *
 * Bytes lie in blocks that do not overlap. A block reaches no further beyond the received bytes than the credit that these
 * have used up, and never above the peer's limit, so memory follows credit and not the number of frames:
 *
 * - A frame of 1 KiB or more that is most of the backlog gets a block of exactly its size, which `read` returns as it is.
 * - Other frames share blocks, each as large as the backlog, so that a backlog of small packets is read in a few pieces.
 * - A frame that fills at least half of memory that may be kept becomes a block without a copy, and is charged for all of
 *   that memory.
 * - A block of which half was read is cut to the rest. A block that was made for a larger backlog than is left is cut to
 *   the bytes that arrived.
 *
 * When the session is short of memory, its buffers are tight: they have few, large blocks, keep no packet, and free at once
 * what was read, at the price of more copying.
 */
export class ReceiveBuffer {
  readonly #blocks: Block[] = []
  /** The ranges that arrived above `ready`. */
  readonly #early = new RangeSet()
  #read = 0
  #ready = 0
  #capacity = 0
  /** Bytes of `#capacity` that are not of the stream: the rest of packets that were kept. */
  #slack = 0

  /** Offset of the next byte that `read` gives. */
  get readOffset(): number {
    return this.#read
  }

  /** Offset behind the last byte that arrived without a gap before it. */
  get readyOffset(): number {
    return this.#ready
  }

  /** Gaps between the bytes that arrived. */
  get gaps(): number {
    return this.#early.count
  }

  /** Bytes of memory held, including a fixed charge for each block and gap. */
  get cost(): number {
    return this.#capacity + this.#blocks.length * BLOCK_CHARGE + this.#early.count * GAP_CHARGE
  }

  /** Bytes of `cost` beyond the bytes that wait to be read, the places for others, and the gaps. */
  get overhead(): number {
    const first = this.#blocks[0]
    const read = first === undefined ? 0 : Math.max(0, this.#read - first.start)
    return this.#slack + read + this.#blocks.length * BLOCK_CHARGE
  }

  /**
   * Takes the new part of `data`, which is a view into a packet.
   *
   * @param owned whether the view may be kept, because nothing else writes to its memory
   * @param limit offset up to which the peer may send
   * @param tight whether memory is scarce
   * @throws ProtocolError `GapLimit` when more than `maxGaps` gaps would stand
   */
  insert(
    offset: number,
    data: Uint8Array,
    maxGaps: number,
    owned = false,
    limit: number = Number.POSITIVE_INFINITY,
    tight = false,
  ): void {
    const end = offset + data.length
    const start = Math.max(offset, this.#ready)
    if (start >= end) return
    if (start === this.#ready && this.#early.isEmpty) {
      this.#store(start, end, data, offset, owned, limit, tight)
      this.#ready = end
      return
    }
    this.#storeNew(start, end, data, offset, owned, limit, tight)
    this.#early.add(start, end)
    if (this.#early.firstStart === this.#ready) {
      this.#ready = this.#early.firstEnd
      this.#early.removeFirst()
    }
    // spec: STT-STR-10
    if (this.#early.count > maxGaps)
      throw new ProtocolError(CloseCode.GapLimit, `the peer left more than ${maxGaps} gaps in a stream`, {
        rule: 'gap-limit',
      })
  }

  /** The next bytes in order, as many as lie together, without a copy where no later bytes share their block. */
  // spec: STT-STR-6
  read(tight = false): Uint8Array<ArrayBuffer> | undefined {
    const block = this.#blocks[0]
    if (block === undefined || this.#read === this.#ready) return undefined
    const from = this.#read - block.start
    if (block.end <= this.#ready) {
      this.#dropFirst()
      this.#read = block.end
      this.#cutLast(tight)
      return from === 0 ? block.bytes : block.bytes.subarray(from)
    }
    const to = this.#ready - block.start
    this.#read = this.#ready
    let isShared = false
    if (this.#early.isEmpty || this.#early.firstStart >= block.end) this.#dropFirst()
    else isShared = !this.#cutFirst(tight)
    this.#cutLast(tight)
    return isShared ? block.bytes.slice(from, to) : block.bytes.subarray(from, to)
  }

  /** Copies up to `length` bytes in order to `target` at `at`; returns how many. */
  readInto(target: Uint8Array, at: number, length: number, tight = false): number {
    const goal = Math.min(this.#ready, this.#read + length)
    const start = this.#read
    while (this.#read < goal) {
      const block = this.#blocks[0]!
      const end = Math.min(goal, block.end)
      target.set(block.bytes.subarray(this.#read - block.start, end - block.start), at + this.#read - start)
      this.#read = end
      if (end === block.end) this.#dropFirst()
      else if (end < this.#ready || !this.#early.isEmpty) this.#cutFirst(tight)
      else this.#dropFirst()
    }
    this.#cutLast(tight)
    return goal - start
  }

  /** The next byte, which must have arrived. */
  peek(): number {
    const block = this.#blocks[0]!
    return block.bytes[this.#read - block.start]!
  }

  /** Copies the next `target.length` bytes, which must have arrived, and leaves them here. */
  peekInto(target: Uint8Array): void {
    for (let i = 0, index = 0; i < target.length; i++) {
      if (this.#blocks[index]!.end <= this.#read + i) index++
      const block = this.#blocks[index]!
      target[i] = block.bytes[this.#read + i - block.start]!
    }
  }

  /** Drops all bytes. */
  clear(): void {
    this.#blocks.length = 0
    this.#early.clear()
    this.#read = this.#ready
    this.#capacity = 0
    this.#slack = 0
  }

  /** Stores the parts of the range that have not arrived before. */
  // spec: STT-STR-7
  #storeNew(
    start: number,
    end: number,
    data: Uint8Array,
    dataOffset: number,
    owned: boolean,
    limit: number,
    tight: boolean,
  ): void {
    const early = this.#early
    let at = start
    while (early.seek(at) && early.foundStart < end) {
      if (early.foundStart > at) this.#store(at, early.foundStart, data, dataOffset, owned, limit, tight)
      at = early.foundEnd
    }
    if (at < end) this.#store(at, end, data, dataOffset, owned, limit, tight)
  }

  #store(
    start: number,
    end: number,
    data: Uint8Array,
    dataOffset: number,
    owned: boolean,
    limit: number,
    tight: boolean,
  ): void {
    const blocks = this.#blocks
    let index = blocks.length === 0 || blocks[blocks.length - 1]!.end <= start ? blocks.length : this.#findBlock(start)
    let at = start
    while (at < end) {
      let block = blocks[index]
      if (block === undefined || block.start > at) {
        const to = Math.min(end, block?.start ?? end)
        const kept = owned && !tight && isMostOfMemory(to - at, data) ? data : undefined
        if (kept || isMostOfBacklog(to - at, tight ? MAX_SHARED_BLOCK : end - this.#read)) {
          const first = at - dataOffset
          const last = to - dataOffset
          this.#add(index, { start: at, end: to, bytes: kept?.subarray(first, last) ?? data.slice(first, last) })
          at = to
          index++
          continue
        }
        block = this.#sharedBlock(at, to, index, limit, tight)
        this.#add(index, block)
      }
      const to = Math.min(end, block.end)
      block.bytes.set(data.subarray(at - dataOffset, to - dataOffset), at - block.start)
      at = to
      index++
    }
  }

  /** A block for a small range and its neighbours, at most as large as the stream's unread part so far. */
  #sharedBlock(start: number, end: number, index: number, limit: number, tight: boolean): Block {
    const size = tight ? MAX_SHARED_BLOCK : blockSize(end - this.#read)
    const floor = index === 0 ? this.#ready : Math.max(this.#ready, this.#blocks[index - 1]!.end)
    const ceiling = Math.min(limit, this.#blocks[index]?.start ?? limit)
    const from = Math.max(floor, Math.floor(start / size) * size)
    const to = Math.min(ceiling, Math.max(end, Math.floor(start / size) * size + size))
    return { start: from, end: to, bytes: new Uint8Array(to - from) }
  }

  #add(index: number, block: Block): void {
    this.#blocks.splice(index, 0, block)
    this.#capacity += memoryOf(block)
    this.#slack += memoryOf(block) - (block.end - block.start)
  }

  /**
   * Cuts the first block to the bytes behind the read offset, if they are at most half of its memory, or memory is scarce: no
   * byte is copied more than once for each half of a block. The old block stays as it is, for the reader.
   */
  #cutFirst(tight: boolean): boolean {
    const block = this.#blocks[0]!
    const end = tight ? block.end : Math.min(block.end, this.#highest)
    if (!tight && 2 * (end - this.#read) > memoryOf(block)) return false
    const bytes = block.bytes.slice(this.#read - block.start, end - block.start)
    this.#dropFirst()
    this.#add(0, { start: this.#read, end, bytes })
    return true
  }

  /**
   * Cuts the last block, the only one that may reach above the bytes that arrived, if its memory is more than twice the credit
   * that is used up now. The rest has no room for more bytes, so no byte is copied twice for this reason.
   */
  #cutLast(tight: boolean): void {
    const last = this.#blocks.length - 1
    const block = this.#blocks[last]
    if (tight || block === undefined || memoryOf(block) <= 2 * (this.#highest - this.#read)) return
    const start = Math.max(block.start, this.#read)
    const end = Math.min(block.end, this.#highest)
    const bytes = block.bytes.slice(start - block.start, end - block.start)
    this.#drop(last)
    this.#add(last, { start, end, bytes })
  }

  /** Offset behind the highest byte that arrived. */
  get #highest(): number {
    return this.#early.isEmpty ? this.#ready : this.#early.lastEnd
  }

  #dropFirst(): void {
    this.#drop(0)
  }

  #drop(index: number): void {
    const block = this.#blocks[index]!
    if (index === 0) this.#blocks.shift()
    else this.#blocks.splice(index, 1)
    this.#capacity -= memoryOf(block)
    this.#slack -= memoryOf(block) - (block.end - block.start)
  }

  /** Index of the first block that ends above `offset`. */
  #findBlock(offset: number): number {
    const blocks = this.#blocks
    let low = 0
    let high = blocks.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (blocks[middle]!.end <= offset) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** Storage for the offsets from `start` to `end`, of which some may have arrived. */
interface Block {
  readonly start: number
  readonly end: number
  readonly bytes: Uint8Array<ArrayBuffer>
}

/**
 * Whether keeping the memory of `view` for `length` of its bytes costs at most twice these bytes. Shared memory, to which
 * another thread may write, is never kept: a reader gets memory that is its own.
 */
function isMostOfMemory(length: number, view: Uint8Array): view is Uint8Array<ArrayBuffer> {
  return 2 * length >= view.buffer.byteLength && view.buffer instanceof ArrayBuffer
}

/** Whether a separate block for `length` bytes is as good as one that later bytes share. */
function isMostOfBacklog(length: number, unread: number): boolean {
  return length >= EXACT_BLOCK && 2 * length >= blockSize(unread)
}

/** Bytes that a block keeps from being freed. */
function memoryOf({ bytes }: Block): number {
  return bytes.buffer.byteLength
}

/** The power of two that holds `unread` bytes, from 64 to 65,536. */
function blockSize(unread: number): number {
  if (unread >= MAX_SHARED_BLOCK) return MAX_SHARED_BLOCK
  return unread <= MIN_SHARED_BLOCK ? MIN_SHARED_BLOCK : 1 << (32 - Math.clz32(unread - 1))
}

const EXACT_BLOCK = 1024
const MIN_SHARED_BLOCK = 64
const MAX_SHARED_BLOCK = 65536
/** Bytes that V8 needs for a block beside its content: the object, its typed array and its array buffer. */
const BLOCK_CHARGE = 256
const GAP_CHARGE = 16
