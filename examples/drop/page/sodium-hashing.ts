// The compiler of the tests does not see the declarations beside this file by itself.
/// <reference path="./libsodium.d.ts" />
import { HASH_LENGTH, type TransferHash, type TransferHashing } from '@stt/transfer'
import createModule, { type LibsodiumModule } from 'libsodium'

/** BLAKE2b as WebAssembly: loaded apart, when a page first sends or receives. */
export const loadSodiumHashing = async (): Promise<TransferHashing> => new SodiumHashing(await createModule())

/** Calls are synchronous, so that all hashes share one piece of memory; what they have in progress lies with each of them. */
class SodiumHashing implements TransferHashing {
  readonly #sodium: LibsodiumModule
  readonly #state: number
  readonly #stateLength: number
  readonly #digest: number
  readonly #data: number

  constructor(sodium: LibsodiumModule) {
    this.#sodium = sodium
    this.#stateLength = sodium._crypto_generichash_statebytes()
    const start = sodium._malloc(ALIGNMENT + this.#stateLength + FULL_LENGTH + ROOM)
    this.#state = Math.ceil(start / ALIGNMENT) * ALIGNMENT
    this.#digest = this.#state + this.#stateLength
    this.#data = this.#digest + FULL_LENGTH
  }

  create(): TransferHash {
    return new SodiumHash(this)
  }

  of(bytes: Uint8Array): Uint8Array {
    return this.finish(this.update(this.begin(), bytes))
  }

  /** @returns what a hash of nothing has in progress */
  begin(): Uint8Array {
    this.#sodium._crypto_generichash_init(this.#state, 0, 0, FULL_LENGTH)
    return this.#heap.slice(this.#state, this.#state + this.#stateLength)
  }

  /** @returns `state`, with these bytes in it */
  update(state: Uint8Array, bytes: Uint8Array): Uint8Array {
    const heap = this.#heap
    heap.set(state, this.#state)
    for (let at = 0; at < bytes.length; at += ROOM) {
      const piece = bytes.subarray(at, at + ROOM)
      heap.set(piece, this.#data)
      this.#sodium._crypto_generichash_update(this.#state, this.#data, piece.length, 0)
    }
    state.set(heap.subarray(this.#state, this.#state + this.#stateLength))
    return state
  }

  /** The hash so far; `state` stays as it is. */
  finish(state: Uint8Array): Uint8Array {
    this.#heap.set(state, this.#state)
    this.#sodium._crypto_generichash_final(this.#state, this.#digest, FULL_LENGTH)
    return this.#heap.slice(this.#digest, this.#digest + HASH_LENGTH)
  }

  get #heap(): Uint8Array {
    return this.#sodium.HEAPU8
  }
}

class SodiumHash implements TransferHash {
  readonly #hashing: SodiumHashing
  readonly #state: Uint8Array

  constructor(hashing: SodiumHashing) {
    this.#hashing = hashing
    this.#state = hashing.begin()
  }

  update(bytes: Uint8Array): void {
    this.#hashing.update(this.#state, bytes)
  }

  get value(): Uint8Array {
    return this.#hashing.finish(this.#state)
  }
}

/** Of BLAKE2b-512, of which a transfer takes the beginning. */
const FULL_LENGTH = 64
const ALIGNMENT = 64
const ROOM = 65_536
