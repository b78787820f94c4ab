import { ChunkSealer, sealChunks } from '@stt/crypto'
import { abortError } from '@stt/errors'
import { once } from '../bytes.ts'
import type { Call } from '../calls.ts'
import type { SealedUnder } from '../keys/keyring.ts'
import { commitmentOf } from '../manifest/commitment.ts'
import type { ScopedStore } from '../store/scoped-store.ts'
import type { Source } from './source.ts'

export interface Written {
  /** Bytes of plaintext. */
  readonly size: number
  readonly commitment: Uint8Array<ArrayBuffer>
}

/** The call that waits for an object to be written, and what stops it. */
export interface StoreCall {
  readonly call: Call
  readonly signal: AbortSignal | undefined
}

/** Seals a source into the store, a piece at a time. Rejects with the source's error unchanged. */
export async function writeObject(
  store: ScopedStore,
  name: string,
  source: Source,
  { call, signal }: StoreCall,
  under: SealedUnder,
  durable: boolean,
): Promise<Written> {
  if (source.bytes && source.bytes.length <= SLICE) {
    const sealed = sealChunks(source.bytes, under)
    await store.put(name, once(sealed), { durable })
    return { size: source.bytes.length, commitment: commitmentOf(sealed) }
  }
  const sealer = new ObjectSealer(source.read(call, signal), signal, under)
  try {
    await store.put(name, sealer.pieces(), { durable })
  } catch (error) {
    throw sealer.sourceFailure ? sealer.sourceFailure.error : error
  } finally {
    sealer.dispose()
  }
  return sealer.written()
}

/** Seals a source, piece by piece, on its way into the store. */
class ObjectSealer {
  /** The error that the source threw, which the store may have wrapped in another one. */
  sourceFailure: { readonly error: unknown } | undefined
  readonly #source: AsyncIterable<Uint8Array>
  readonly #signal: AbortSignal | undefined
  readonly #sealer: ChunkSealer
  #size = 0

  constructor(source: AsyncIterable<Uint8Array>, signal: AbortSignal | undefined, under: SealedUnder) {
    this.#source = source
    this.#signal = signal
    this.#sealer = new ChunkSealer(under)
  }

  written(): Written {
    return { size: this.#size, commitment: commitmentOf(this.#sealer.header) }
  }

  async *pieces(): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
    yield this.#sealer.header
    for await (const piece of this.#read()) {
      this.#size += piece.length
      const sealed = this.#sealer.update(piece)
      if (sealed.length > 0) yield sealed
    }
    yield this.#sealer.finish()
  }

  /** Wipes the key. Needed also where the store has not asked for a piece. */
  dispose(): void {
    this.#sealer.dispose()
  }

  /** Splits a large piece: other work gets its turn, and no second copy of the piece is made. */
  async *#read(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for await (const piece of this.#source) {
        for (let at = 0; at < piece.length; at += SLICE) {
          if (this.#signal?.aborted) throw abortError(this.#signal, 'the store')
          yield piece.subarray(at, at + SLICE)
        }
      }
    } catch (error) {
      this.sourceFailure = { error }
      throw error
    }
  }
}

/** Bytes that are sealed at once. */
const SLICE = 256 * 1024
