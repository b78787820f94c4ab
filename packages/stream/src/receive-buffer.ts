import { CloseCode, ProtocolError } from '@stt/frame'
import { RangeSet } from './range-set.ts'

/**
 * Puts the bytes of a stream in order, whatever order, duplicates and overlaps they arrive with. The first copy of a
 * byte wins.
 *
 * Storage is blocks that never overlap and never reach further below or above the received bytes than the credit
 * that these have used up, nor above the limit that the peer has, so memory follows credit and not the number of
 * frames: frames of 1 KiB and more that are most of what waits are kept in a block of exactly their size, which `read`
 * hands over as it is; others share blocks, each as large as what waits, so that a backlog of small packets is read in
 * a few pieces. What fills at least half of memory that may be kept becomes a block without a copy, and is charged for
 * all of it. A block of which half was read is cut to the rest, and one that was made for a larger backlog than is left
 * to what arrived.
 *
 * Where the session has little memory to spare, its buffers are asked to be tight: then there are few, large blocks,
 * no packet is kept, and what was read is freed at once, for some more copying.
 */
export class ReceiveBuffer {
  readonly #blocks: Block[] = []
  /** What arrived above `ready`. */
  readonly #early = new RangeSet()
  #read = 0
  #ready = 0
  #capacity = 0
  /** Bytes of `#capacity` that are no bytes of the stream: the rest of packets that were kept. */
  #slack = 0

  /** Offset of the next byte that `read` gives. */
  get readOffset(): number {
    return this.#read
  }

  /** Offset after the last byte that arrived without a gap before it. */
  get readyOffset(): number {
    return this.#ready
  }

  /** Ranges that arrived early: as many gaps stand before them. */
  get gaps(): number {
    return this.#early.count
  }

  /** Bytes of memory held, a fixed charge for each block and gap included. */
  get cost(): number {
    return this.#capacity + this.#blocks.length * BLOCK_CHARGE + this.#early.count * GAP_CHARGE
  }

  /** Bytes of `cost` that are neither bytes which wait to be read, or places for such, nor gaps. */
  get overhead(): number {
    const first = this.#blocks[0]
    const read = first === undefined ? 0 : Math.max(0, this.#read - first.start)
    return this.#slack + read + this.#blocks.length * BLOCK_CHARGE
  }

  /**
   * Takes what is new of `data`, which is a view into a packet.
   *
   * @param owned whether the view may be kept: nobody writes to its memory again
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

  /** Copies up to `length` bytes in order to `target` at `at`; returns how many there were. */
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

  /** Forgets all bytes. */
  clear(): void {
    this.#blocks.length = 0
    this.#early.clear()
    this.#read = this.#ready
    this.#capacity = 0
    this.#slack = 0
  }

  /** Stores what has not arrived yet of the range. */
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
   * Cuts the first block to what lies behind the read offset, when that is at most half of its memory, or memory is
   * scarce: nothing is copied more than once for each half of a block. What was read stays as it is, for the reader.
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
   * Cuts the last block, the only one that may reach above what arrived, when its memory is more than twice the credit that
   * is used up now. What is left of it has no room for more, so that no byte is copied twice for this reason.
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

  /** Offset after the highest byte that arrived. */
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
 * Whether keeping the memory of `view` for `length` of its bytes costs at most twice these. What others may write to,
 * shared memory, is never kept: readers get memory that is theirs alone.
 */
function isMostOfMemory(length: number, view: Uint8Array): view is Uint8Array<ArrayBuffer> {
  return 2 * length >= view.buffer.byteLength && view.buffer instanceof ArrayBuffer
}

/** Whether a block of `length` bytes for themselves is as good as one that the next ones share. */
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
/** What V8 takes for a block beside its bytes: the object, its typed array and its array buffer. */
const BLOCK_CHARGE = 256
const GAP_CHARGE = 16
