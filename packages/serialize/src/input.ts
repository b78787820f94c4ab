import { type DecodeRule, decodeRefusal } from './decode-refusal.ts'
import type { ResolvedLimits } from './limits.ts'

/** `DecodeOptions` with all defaults. */
export interface InputOptions {
  readonly typed: boolean
  readonly canonical: boolean
  readonly copy: boolean
  readonly limits: ResolvedLimits
}

/** The bytes that one value at a time is read from, and the rest of its limits. */
export class Input {
  bytes: Uint8Array = nothing
  /** Where the next value starts. */
  position = 0
  end = 0
  typed = false
  canonical = false
  copy = false
  /** How many more containers may be nested here. */
  depth = 0
  /** The rest of limits.memory, in bytes. */
  private memory = 0

  open(bytes: Uint8Array, start: number, end: number, options: InputOptions): void {
    this.bytes = bytes
    this.position = start
    this.end = end
    this.typed = options.typed
    this.canonical = options.canonical
    this.copy = options.copy
    this.depth = options.limits.depth
    this.memory = options.limits.memory
  }

  /** Releases the bytes. */
  close(): void {
    this.bytes = nothing
  }

  /** Advances over the `length` bytes of the value at the position, which must be there. */
  take(length: number): void {
    // spec: STT-SER-17
    if (length > this.end - this.position) throw decodeRefusal(this.position, 'truncated')
    this.position += length
  }

  /** Reads the length or count of the value at `start`; the position is then behind it. */
  length(start: number, minimumEach: number, rule: DecodeRule): number {
    this.take(5)
    const length = this.uint32(start + 1)
    // spec: STT-SER-18
    if (length * minimumEach > this.end - this.position) throw decodeRefusal(start, rule)
    return length
  }

  /** Counts `bytes` of memory that the value at `start` is about to take. */
  charge(start: number, bytes: number): void {
    // spec: STT-SER-21
    if (bytes > this.memory) throw decodeRefusal(start, 'limit-memory')
    this.memory -= bytes
  }

  uint32(offset: number): number {
    const { bytes } = this
    return ((bytes[offset]! << 24) | (bytes[offset + 1]! << 16) | (bytes[offset + 2]! << 8) | bytes[offset + 3]!) >>> 0
  }
}

const nothing = new Uint8Array(0)
