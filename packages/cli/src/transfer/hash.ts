import { createHash, type Hash, hash } from 'node:crypto'
import { HASH_LENGTH, type TransferHash, type TransferHashing } from '@stt/transfer'

/** BLAKE2b-512 of a file, of which the first 32 bytes are on the wire. */
export class FileHash implements TransferHash {
  readonly #hash: Hash

  constructor(hash: Hash = createHash('blake2b512')) {
    this.#hash = hash
  }

  update(bytes: Uint8Array): void {
    this.#hash.update(bytes)
  }

  /** Hash of the bytes so far; more may follow. */
  get value(): Uint8Array {
    return this.#hash.copy().digest().subarray(0, HASH_LENGTH)
  }
}

/** Hashes bytes in one call. */
export const hashOf = (bytes: Uint8Array): Uint8Array => hash('blake2b512', bytes, 'buffer').subarray(0, HASH_LENGTH)

/** Hashing for a transfer, by Node's own BLAKE2b. */
export const hashing: TransferHashing = { create: () => new FileHash(), of: hashOf }
