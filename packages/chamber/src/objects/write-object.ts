import { ChunkSealer, sealChunks } from '@stt/crypto'
import { once } from '../bytes.ts'
import { invalid } from '../failures.ts'
import type { SealedUnder } from '../keys/keyring.ts'
import { commitmentOf } from '../manifest/commitment.ts'
import type { ScopedStore } from '../store/scoped-store.ts'

export interface Written {
  /** Bytes of plaintext. */
  readonly size: number
  readonly commitment: Uint8Array
}

/** Seals a source into the store, a piece at a time. Rejects with what the source throws, as it is. */
export async function writeObject(
  store: ScopedStore,
  name: string,
  source: Uint8Array | AsyncIterable<Uint8Array>,
  under: SealedUnder,
  durable: boolean,
): Promise<Written> {
  if (source instanceof Uint8Array && source.length <= SLICE) {
    const sealed = sealChunks(source, under)
    await store.put(name, once(sealed), { durable })
    return { size: source.length, commitment: commitmentOf(sealed) }
  }
  const sealing = new Sealing(source instanceof Uint8Array ? once(source) : source, under)
  try {
    await store.put(name, sealing.pieces(), { durable })
  } catch (error) {
    throw sealing.sourceFailure ? sealing.sourceFailure.error : error
  }
  return sealing.written()
}

/** A source on its way into the store. */
class Sealing {
  /** What the source threw, which the store may have wrapped in an error of its own. */
  sourceFailure: { readonly error: unknown } | undefined
  readonly #source: AsyncIterable<Uint8Array>
  readonly #sealer: ChunkSealer
  #size = 0

  constructor(source: AsyncIterable<Uint8Array>, under: SealedUnder) {
    this.#source = source
    this.#sealer = new ChunkSealer(under)
  }

  written(): Written {
    return { size: this.#size, commitment: commitmentOf(this.#sealer.header) }
  }

  async *pieces(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      yield this.#sealer.header
      for await (const piece of this.#read()) {
        this.#size += piece.length
        // A large piece is sealed in parts: other work gets its turn, and no second copy of it is made.
        for (let at = 0; at < piece.length; at += SLICE) {
          const sealed = this.#sealer.update(piece.subarray(at, at + SLICE))
          if (sealed.length > 0) yield sealed
        }
      }
      yield this.#sealer.finish()
    } finally {
      this.#sealer.dispose()
    }
  }

  async *#read(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for await (const piece of this.#source) {
        if (!(piece instanceof Uint8Array)) throw invalid('a source to store gives Uint8Array pieces and nothing else')
        yield piece
      }
    } catch (error) {
      this.sourceFailure = { error }
      throw error
    }
  }
}

/** Bytes that are sealed at once. */
const SLICE = 256 * 1024
