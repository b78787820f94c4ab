import { blake2b } from '@noble/hashes/blake2.js'
import { HASH_LENGTH, type TransferHash, type TransferHashing } from '@stt/transfer'

class PageHash implements TransferHash {
  readonly #hash = blake2b.create({ dkLen: 64 })

  update(bytes: Uint8Array): void {
    this.#hash.update(bytes)
  }

  get value(): Uint8Array {
    return this.#hash.clone().digest().subarray(0, HASH_LENGTH)
  }
}

/** What a page has of BLAKE2b: of a file of any size, piece by piece. */
export const hashing: TransferHashing = {
  create: () => new PageHash(),
  of: bytes => blake2b(bytes, { dkLen: 64 }).subarray(0, HASH_LENGTH),
}
