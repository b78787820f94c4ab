import { createHash, type Hash, hash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { HASH_LENGTH } from './protocol/messages.ts'

/** BLAKE2b-512 of what a file holds; its first 32 bytes are on the wire. */
export class FileHash {
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

/**
 * Hashes the first `length` bytes of a file as they are on the disk.
 *
 * @param onBytes is told of each piece
 * @returns undefined when there are fewer
 */
export async function hashPrefix(file: FileHandle, length: number, signal: AbortSignal): Promise<FileHash | undefined> {
  const hash = new FileHash()
  const block = Buffer.allocUnsafe(Math.min(BLOCK, Math.max(length, 1)))
  for (let offset = 0; offset < length; ) {
    signal.throwIfAborted()
    const { bytesRead } = await file.read(block, 0, Math.min(block.length, length - offset), offset)
    if (bytesRead === 0) return undefined
    hash.update(block.subarray(0, bytesRead))
    offset += bytesRead
  }
  return hash
}

const BLOCK = 1_048_576
