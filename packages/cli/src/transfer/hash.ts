import { createHash, type Hash, hash } from 'node:crypto'
import { HASH_LENGTH, type TransferHash, type TransferHashing } from '@stt/transfer'

/** BLAKE2b-512 of what a file holds; its first 32 bytes are on the wire. */
export class FileHash implements TransferHash {
  readonly #hash: Hash

  constructor(hash: Hash = createHash('blake2b512')) {
    this.#hash = hash
  }

  update(bytes: Uint8Array): void {
    this.#hash.update(bytes)
  }

  /** Of what there is so far; more may follow. */
  get value(): Uint8Array {
    return this.#hash.copy().digest().subarray(0, HASH_LENGTH)
  }
}

/** The same of bytes that are all there. */
export const hashOf = (bytes: Uint8Array): Uint8Array => hash('blake2b512', bytes, 'buffer').subarray(0, HASH_LENGTH)

/** What Node has of it. */
export const hashing: TransferHashing = { create: () => new FileHash(), of: hashOf }
