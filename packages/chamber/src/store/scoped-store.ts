import { bytesOf, SttError } from '@stt/errors'
import { storeFailure } from '../failures.ts'
import type { ChamberStore, PutOptions, StoreRange } from './chamber-store.ts'

/** The part of a store that belongs to one chamber. Its errors become `STT_CHAMBER_STORE`. */
export class ScopedStore {
  readonly #store: ChamberStore
  readonly #scope: string

  constructor(store: ChamberStore, scope: string) {
    this.#store = store
    this.#scope = scope
  }

  async get(name: string, range?: StoreRange): Promise<AsyncIterable<Uint8Array> | undefined> {
    const source = await call('reading', () => this.#store.get(this.#name(name), range))
    return source && guarded(source)
  }

  /** @throws STT_CHAMBER_LOCKED when the name is taken: only another writer can have done that */
  // spec: STT-CHA-18
  async put(name: string, source: AsyncIterable<Uint8Array>, options: PutOptions): Promise<void> {
    if (await call('writing', () => this.#store.putIfAbsent(this.#name(name), source, options))) return
    throw new SttError('STT_CHAMBER_LOCKED', 'another writer has taken this chamber over; open it again')
  }

  delete(name: string): Promise<void> {
    return call('deleting', () => this.#store.delete(this.#name(name)))
  }

  /** The names that begin with `prefix`, without the scope. */
  async *list(prefix: string): AsyncGenerator<string, void, undefined> {
    try {
      for await (const name of this.#store.list(this.#name(prefix))) yield name.slice(this.#scope.length + 1)
    } catch (error) {
      throw storeFailure('listing the store', error)
    }
  }

  async lock(): Promise<() => Promise<void>> {
    const release = await call('locking', () => this.#store.lock(this.#scope))
    if (typeof release !== 'function') {
      throw new SttError('STT_CHAMBER_STORE', 'the store gave nothing that ends its lock: see chamberStoreRules')
    }
    return () => call('unlocking', () => release())
  }

  #name(name: string): string {
    return `${this.#scope}/${name}`
  }
}

async function call<T>(verb: string, use: () => Promise<T>): Promise<T> {
  try {
    return await use()
  } catch (error) {
    throw storeFailure(`${verb} in the store`, error)
  }
}

async function* guarded(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const iterator = await call('reading', async () => source[Symbol.asyncIterator]())
  try {
    for (;;) {
      const { done, value } = await call('reading', () => iterator.next())
      if (done) return
      yield pieceOf(value)
    }
  } finally {
    await iterator.return?.()
  }
}

function pieceOf(value: unknown): Uint8Array {
  try {
    return bytesOf(value, 'a piece of an object')
  } catch (cause) {
    throw new SttError('STT_CHAMBER_STORE', 'the store gave something that is not bytes: see chamberStoreRules', {
      cause,
    })
  }
}
