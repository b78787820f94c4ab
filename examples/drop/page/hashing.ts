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

/** BLAKE2b in plain JavaScript, which every page has: for a file of any size, piece by piece. */
const portable: TransferHashing = {
  create: () => new PageHash(),
  of: bytes => blake2b(bytes, { dkLen: 64 }).subarray(0, HASH_LENGTH),
}

let best = portable
let loading: Promise<void> | undefined

/** BLAKE2b for transfers: WebAssembly once that is there, and what was begun before goes on as it began. */
export const hashing: TransferHashing = {
  create: () => best.create(),
  of: bytes => best.of(bytes),
}

/**
 * Loads the faster one, which pages need from their first transfer on, and waits for it a little. Where a policy forbids
 * WebAssembly, or it cannot be fetched, the portable one goes on: the hashes are the same.
 */
export async function readyHashing(): Promise<void> {
  loading ??= load()
  await Promise.race([loading, new Promise(resolve => setTimeout(resolve, PATIENCE))])
}

async function load(): Promise<void> {
  try {
    const { loadSodiumHashing } = await import('./sodium-hashing.ts')
    best = await loadSodiumHashing()
  } catch (error) {
    // Asked for again by the next transfer: what could not be fetched may be then.
    loading = undefined
    console.info('files are hashed without WebAssembly:', error)
  }
}

/** Milliseconds that a transfer waits. */
const PATIENCE = 2_000
