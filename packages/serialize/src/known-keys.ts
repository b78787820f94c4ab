import { STRING } from './tags.ts'
import { readUtf8 } from './utf8.ts'

/**
 * A dict key that was seen lately. Dicts come in few shapes, so a key is mostly the one that followed last time. Then
 * comparing its bytes is all that has to be done: they were checked when the key was made.
 */
export class KnownKey {
  readonly text: string
  /** As it stands in a dict: tag, length, UTF-8. */
  private readonly encoded: Uint8Array
  private readonly slot: number
  // A slot, not a reference: a chain of references would keep forgotten keys alive.
  private followerSlot = 0
  private followerId = -1
  private readonly id: number

  constructor(text: string, encoded: Uint8Array, slot: number) {
    this.text = text
    this.encoded = encoded
    this.slot = slot
    this.id = nextId++
  }

  get encodedLength(): number {
    return this.encoded.length
  }

  /** Whether the bytes at `start` are this key. */
  standsAt(bytes: Uint8Array, start: number, end: number): boolean {
    const encoded = this.encoded
    const { length } = encoded
    // The length is one byte: longer keys are not kept.
    const isHeader = bytes[start] === STRING && bytes[start + 4] === length - 5
    if (!isHeader || length > end - start || (bytes[start + 1]! | bytes[start + 2]! | bytes[start + 3]!) !== 0)
      return false
    for (let index = 5; index < length; index++) {
      if (encoded[index] !== bytes[start + index]) return false
    }
    return true
  }

  /** The key that `follow` was last called with, unless forgotten. It sorts after this one. */
  follower(): KnownKey | undefined {
    const key = slots[this.followerSlot]
    return key !== undefined && key.id === this.followerId ? key : undefined
  }

  /** @param key a key that came after this one in a dict, in the right order */
  follow(key: KnownKey): void {
    this.followerSlot = key.slot
    this.followerId = key.id
  }
}

/** A stand-in for the key before the first one of a dict with `count` entries. */
export function beforeFirst(count: number): KnownKey {
  return starts[count & START_MASK]!
}

/**
 * The key whose tag is at `start` and whose length is within the bytes. Keys are remembered from their second time on.
 *
 * @returns undefined for a key that is new, too long to be remembered, or not valid UTF-8
 */
export function knownKey(bytes: Uint8Array, start: number, end: number): KnownKey | undefined {
  const length = end - start
  if (length > MAX_ENCODED) return undefined
  const slot = (length + bytes[(start + 5 + end) >> 1]! * 31 + bytes[end - 1]! * 17 + bytes[end - 2]! * 149) & SLOT_MASK
  const known = slots[slot]
  if (known?.standsAt(bytes, start, end)) return known
  const print = fingerprint(bytes, start + 5, end)
  if (newcomers[slot] !== print) {
    newcomers[slot] = print
    return undefined
  }
  const text = readUtf8(bytes, start + 5, end)
  if (text === undefined) return undefined
  // Not the method of `bytes`: a Buffer's slice is a view.
  const encoded: Uint8Array<ArrayBuffer> = Uint8Array.prototype.slice.call(bytes, start, end)
  return (slots[slot] = new KnownKey(internalize(text), encoded, slot))
}

/** FNV-1a. A collision costs only a place in the table. */
function fingerprint(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5
  for (let index = start; index < end; index++) hash = Math.imul(hash ^ bytes[index]!, 0x01000193)
  return hash
}

/** The engine's one copy of a string that is a property name: a property is found by it without hashing. */
const internalize = (text: string): string => Object.keys({ [text]: null })[0]!

/** Bytes of the longest remembered key with tag and length; with the number of slots it bounds the memory of all keys. */
const MAX_ENCODED = 5 + 32
const SLOT_MASK = 511
const START_MASK = 63
let nextId = 0
const slots: (KnownKey | undefined)[] = new Array(SLOT_MASK + 1).fill(undefined)
/** The fingerprint of the key that was last seen for the first time, by slot. */
const newcomers = new Int32Array(SLOT_MASK + 1)
const starts: readonly KnownKey[] = Array.from({ length: START_MASK + 1 }, () => new KnownKey('', new Uint8Array(0), 0))
