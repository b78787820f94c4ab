import { decodeRefusal } from './decode-refusal.ts'
import { MAX_DEPTH, type ResolvedLimits } from './limits.ts'

/**
 * Finds the end of a value in bytes that come piece by piece, without decoding it. It refuses unknown tags, and sizes and
 * depths beyond the limits, as soon as their bytes are there.
 */
export class Extent {
  private readonly limits: ResolvedLimits
  /** Items to come in each open container, keys included; above them the value itself. */
  private readonly left = new Float64Array(MAX_DEPTH + 1)
  private level = 0
  /** Offset of the next item in the value; it may lie beyond the bytes that came. */
  private position = 0

  constructor(limits: ResolvedLimits) {
    this.limits = limits
    this.reset()
  }

  /** Begins the next value. */
  reset(): void {
    this.left[0] = 1
    this.level = 0
    this.position = 0
  }

  /** Bytes of the value as far as known: all of them once `scan` returned true. */
  get length(): number {
    return this.position
  }

  /**
   * Continues over the value that starts at `start`, of which `bytes` have all up to `end`. Offsets of refusals are counted
   * from `start`.
   *
   * @returns whether the value ends at `end` or before
   */
  scan(bytes: Uint8Array, start: number, end: number): boolean {
    const { left } = this
    while (this.skipFinished()) {
      const at = start + this.position
      if (at >= end) return false
      const size = fixedSizes[bytes[at]!]!
      if (size === 0) throw decodeRefusal(this.position, 'tag')
      if (size < 0 && at + 5 > end) return false
      left[this.level]!--
      if (size > 0) this.advance(size)
      else this.container(bytes[at]!, bytes, at)
    }
    return start + this.position <= end
  }

  /** Leaves complete containers. @returns false when the value itself is complete */
  private skipFinished(): boolean {
    while (this.left[this.level] === 0) {
      if (this.level === 0) return false
      this.level--
    }
    return true
  }

  private container(tag: number, bytes: Uint8Array, at: number): void {
    const length = ((bytes[at + 1]! << 24) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 8) | bytes[at + 4]!) >>> 0
    if (tag < 0x40) {
      this.advance(5 + length)
      return
    }
    // spec: STT-SER-20
    if (this.level === this.limits.depth) throw decodeRefusal(this.position, 'limit-depth')
    // The smallest item is a byte, the smallest dict entry six.
    if (this.position + 5 + length * (tag === 0x40 ? 1 : 6) > this.limits.bytes) this.refuseSize()
    this.position += 5
    this.left[++this.level] = tag === 0x40 ? length : 2 * length
  }

  private advance(size: number): void {
    // spec: STT-SER-23
    if (this.position + size > this.limits.bytes) this.refuseSize()
    this.position += size
  }

  private refuseSize(): never {
    throw decodeRefusal(this.position, 'limit-bytes')
  }
}

/** Bytes of a value by its tag, tag included; -1 where a length or count follows, 0 where there is no such tag. */
const fixedSizes = /* @__PURE__ */ sizesByTag()

function sizesByTag(): Int8Array {
  const sizes = new Int8Array(256)
  sizes.fill(1, 0x00, 0x03)
  sizes.set([2, 3, 5, 9, 2, 3, 5, 9], 0x10)
  sizes.set([5, 9], 0x20)
  sizes.fill(-1, 0x30, 0x32)
  sizes.fill(-1, 0x40, 0x42)
  return sizes
}
