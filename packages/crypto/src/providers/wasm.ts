// Other packages compile this file too, and would not see the declarations beside it.
/// <reference path="./libsodium.d.ts" />
import createModule, { type LibsodiumModule } from 'libsodium'
import { NONCE_LENGTH, TAG_LENGTH } from './provider.ts'

/** Compiles libsodium. @param room bytes of the text of one call, tag included */
export const loadPrimitives = async (room: number): Promise<WasmPrimitives> =>
  new WasmPrimitives(await createModule(), room)

/**
 * libsodium as WebAssembly, on memory that is allocated once: a call copies its arguments there and its result back, and
 * allocates nothing more. For small units that is many times faster than an object of `node:crypto` for each.
 *
 * Everything is synchronous and nothing is re-entered, so that one piece of memory serves all keys. Keys are there
 * during a call only, and overwritten before it returns.
 */
export class WasmPrimitives {
  readonly #sodium: LibsodiumModule
  readonly #room: number
  readonly #heap: Uint8Array<ArrayBuffer>
  readonly #key: number
  readonly #nonce: number
  readonly #ad: number
  readonly #data: number
  readonly #digest: number

  /** @param room bytes of the text of one call, tag included */
  constructor(sodium: LibsodiumModule, room: number) {
    this.#sodium = sodium
    this.#room = room
    const start = sodium._malloc(FIXED + room)
    this.#heap = sodium.HEAPU8
    this.#key = start
    this.#nonce = start + 32
    this.#ad = start + 64
    this.#digest = start + 64 + MAX_AD
    this.#data = start + FIXED
  }

  /** BLAKE2b-512 of the parts joined; undefined when there is no room for them. */
  // spec: STT-CRY-1
  hash(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> | undefined {
    const length = lengthOf(parts)
    if (length > this.#room) return undefined
    this.#copyParts(parts, this.#data)
    this.#blake2b(length)
    const digest = this.#heap.slice(this.#digest, this.#digest + HASH_LENGTH)
    this.#wipe(this.#data, length)
    return digest
  }

  /** HMAC (RFC 2104) over BLAKE2b-512 with its block of 128 bytes; undefined when the parts do not fit. */
  // spec: STT-CRY-1
  hmac(key: Uint8Array, parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> | undefined {
    const length = lengthOf(parts)
    if (key.length > BLOCK_LENGTH || length > this.#room - BLOCK_LENGTH) return undefined
    const heap = this.#heap
    const data = this.#data
    const message = data + BLOCK_LENGTH
    this.#padKey(key, INNER)
    this.#copyParts(parts, message)
    this.#blake2b(BLOCK_LENGTH + length)
    this.#padKey(key, OUTER)
    heap.copyWithin(message, this.#digest, this.#digest + HASH_LENGTH)
    this.#blake2b(BLOCK_LENGTH + HASH_LENGTH)
    const mac = heap.slice(this.#digest, this.#digest + HASH_LENGTH)
    this.#wipe(data, BLOCK_LENGTH + Math.max(length, HASH_LENGTH))
    return mac
  }

  /** Whether associated data and text are of a size that this memory takes. */
  takes(ad: Uint8Array, length: number): boolean {
    return ad.length <= MAX_AD && length <= this.#room
  }

  /** Writes ciphertext and tag to `out[offset…]`. The caller has checked the lengths, and asked `takes`. */
  seal(key: Uint8Array, nonce: Uint8Array, ad: Uint8Array, text: Uint8Array, out: Uint8Array, offset: number): number {
    const heap = this.#heap
    const data = this.#data
    const length = text.length + TAG_LENGTH
    this.#enter(key, nonce, ad)
    heap.set(text, data)
    this.#sodium._crypto_aead_chacha20poly1305_ietf_encrypt(
      data, 0, data, text.length, 0, this.#ad, ad.length, 0, 0, this.#nonce, this.#key,
    ) // biome-ignore format: the arguments of one C function
    this.#wipe(this.#key, 32)
    out.set(heap.subarray(data, data + length), offset)
    return offset + length
  }

  /** Writes the plaintext to `out[offset…]` when the tag is right. The caller has checked the lengths, and asked `takes`. */
  // spec: STT-CRY-3
  open(
    key: Uint8Array,
    nonce: Uint8Array,
    ad: Uint8Array,
    sealed: Uint8Array,
    out: Uint8Array,
    offset: number,
  ): boolean {
    const length = sealed.length - TAG_LENGTH
    if (!this.#decrypt(key, nonce, ad, sealed)) return false
    out.set(this.#heap.subarray(this.#data, this.#data + length), offset)
    return true
  }

  /** The plaintext in a new buffer, when the tag is right. The caller has checked the lengths, and asked `takes`. */
  openToOwnBuffer(
    key: Uint8Array,
    nonce: Uint8Array,
    ad: Uint8Array,
    sealed: Uint8Array,
  ): Uint8Array<ArrayBuffer> | undefined {
    if (!this.#decrypt(key, nonce, ad, sealed)) return undefined
    return this.#heap.slice(this.#data, this.#data + sealed.length - TAG_LENGTH)
  }

  #decrypt(key: Uint8Array, nonce: Uint8Array, ad: Uint8Array, sealed: Uint8Array): boolean {
    const data = this.#data
    this.#enter(key, nonce, ad)
    this.#heap.set(sealed, data)
    const failed = this.#sodium._crypto_aead_chacha20poly1305_ietf_decrypt(
      data, 0, 0, data, sealed.length, 0, this.#ad, ad.length, 0, this.#nonce, this.#key,
    ) // biome-ignore format: the arguments of one C function
    this.#wipe(this.#key, 32)
    return failed === 0
  }

  #enter(key: Uint8Array, nonce: Uint8Array, ad: Uint8Array): void {
    this.#heap.set(key, this.#key)
    this.#heap.set(nonce, this.#nonce)
    this.#heap.set(ad, this.#ad)
  }

  #blake2b(length: number): void {
    this.#sodium._crypto_generichash(this.#digest, HASH_LENGTH, this.#data, length, 0, 0, 0)
  }

  #padKey(key: Uint8Array, pad: number): void {
    const heap = this.#heap
    const data = this.#data
    heap.fill(pad, data, data + BLOCK_LENGTH)
    for (let i = 0; i < key.length; i++) heap[data + i] = key[i]! ^ pad
  }

  #copyParts(parts: readonly Uint8Array[], at: number): void {
    for (const part of parts) {
      this.#heap.set(part, at)
      at += part.length
    }
  }

  #wipe(at: number, length: number): void {
    this.#heap.fill(0, at, at + length)
  }
}

function lengthOf(parts: readonly Uint8Array[]): number {
  let length = 0
  for (const part of parts) length += part.length
  return length
}

const HASH_LENGTH = 64
const BLOCK_LENGTH = 128
const INNER = 0x36
const OUTER = 0x5c
const MAX_AD = 1_024
/** Key, nonce (rounded up), associated data, digest. */
const FIXED = 32 + 32 + MAX_AD + HASH_LENGTH
if (NONCE_LENGTH > 32) throw new RangeError('a nonce does not fit')
