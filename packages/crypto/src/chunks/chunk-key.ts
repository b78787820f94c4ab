import { describe, SttError } from '@stt/errors'
import { EMPTY } from '../bytes.ts'
import { NONCE_LENGTH } from '../providers/provider.ts'
import { MAX_CHUNKS } from './layout.ts'
import type { ChunkKeys, ChunkSuite } from './suite.ts'

/** The key of one message with its running chunk number. */
export class ChunkKey {
  readonly #aead: ReturnType<ChunkSuite['aead']>
  readonly #baseNonce: DataView
  readonly #nonce: Uint8Array<ArrayBuffer> = new Uint8Array(NONCE_LENGTH)
  #counter: number

  /** Takes over the keys and wipes them. */
  constructor(suite: ChunkSuite, { key, baseNonce }: ChunkKeys, firstChunk: number) {
    if (!Number.isSafeInteger(firstChunk) || firstChunk < 0) {
      throw new SttError('STT_INVALID_ARGUMENT', `${describe(firstChunk)} is not the number of a chunk`)
    }
    this.#aead = suite.aead(key)
    this.#nonce.set(baseNonce)
    this.#baseNonce = new DataView(baseNonce.slice().buffer)
    this.#counter = firstChunk
    key.fill(0)
    baseNonce.fill(0)
  }

  /** Seals the next chunk into `out`. */
  seal(plaintext: Uint8Array, out: Uint8Array, offset: number): number {
    return this.#aead.seal(this.#next(), EMPTY, plaintext, out, offset)
  }

  /** Opens the next chunk into `out`; -1 when its tag is wrong. */
  open(sealed: Uint8Array, out: Uint8Array, offset: number): number {
    return this.#aead.open(this.#next(), EMPTY, sealed, out, offset)
  }

  dispose(): void {
    this.#aead.dispose()
  }

  /** The base nonce with its last bytes XORed with the chunk number. */
  // spec: STT-SEG-3
  #next(): Uint8Array<ArrayBuffer> {
    // spec: STT-SEG-4
    if (this.#counter >= MAX_CHUNKS)
      throw new SttError('STT_NONCE_EXHAUSTED', `a sealed message has at most ${MAX_CHUNKS} chunks`)
    const view = new DataView(this.#nonce.buffer)
    view.setUint32(4, this.#baseNonce.getUint32(4) ^ Math.floor(this.#counter / 2 ** 32))
    view.setUint32(8, this.#baseNonce.getUint32(8) ^ this.#counter)
    this.#counter++
    return this.#nonce
  }
}
