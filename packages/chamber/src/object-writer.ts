import { abortError, SttError } from '@stt/errors'
import type { Keyring } from './keys/keyring.ts'
import type { Entry } from './manifest/entry.ts'
import type { Log } from './manifest/log.ts'
import type { DeferredDeletes } from './objects/deferred-deletes.ts'
import { objectName } from './objects/name.ts'
import type { Source } from './objects/source.ts'
import { type StoreCall, writeObject } from './objects/write-object.ts'
import type { Counters } from './statistics.ts'
import type { ScopedStore } from './store/scoped-store.ts'

export interface ObjectWriterOptions {
  readonly store: ScopedStore
  readonly keyring: Keyring
  readonly log: Log
  readonly deletes: DeferredDeletes
  readonly durable: boolean
  readonly counters: Counters
}

/** Stores and deletes objects. Calls of one key have to come one after the other. */
export class ObjectWriter {
  readonly #options: ObjectWriterOptions

  constructor(options: ObjectWriterOptions) {
    this.#options = options
  }

  async store(key: string, source: Source, metadata: Uint8Array | undefined, call: StoreCall): Promise<void> {
    const { store, keyring, log, deletes, durable, counters } = this.#options
    if (log.failure) throw log.failure
    checkSignal(call)
    const objectId = keyring.objectId(key)
    const previous = log.manifest.index.get(key)
    const generation = this.#nextGeneration(objectId, previous)
    const name = objectName(objectId, generation)
    try {
      // spec: STT-CHA-9: the object first and its record after, so that a record never names a missing object.
      const written = await writeObject(store, name, source, call, keyring.object(objectId, generation), durable)
      checkSignal(call)
      const modifiedAt = now()
      const createdAt = previous?.createdAt ?? modifiedAt
      await log.commit({ type: 'put', entry: { key, generation, ...written, createdAt, modifiedAt, metadata } })
      counters.stores++
      counters.bytesStored += written.size
    } catch (error) {
      // If the record may be in the store after all, its object must stay.
      if (!log.failure) await deletes.delete(name)
      throw error
    }
    if (previous) await deletes.delete(objectName(objectId, previous.generation))
  }

  async delete(key: string): Promise<boolean> {
    const { keyring, log, deletes, counters } = this.#options
    // The log may hold a record that is unknown here.
    if (log.failure) throw log.failure
    const previous = log.manifest.index.get(key)
    if (!previous) return false
    await log.commit({ type: 'delete', key })
    counters.deletes++
    await deletes.delete(objectName(keyring.objectId(key), previous.generation))
    return true
  }

  /** Above all generations that this key ever had, also before it was deleted. */
  #nextGeneration(objectId: Uint8Array, previous: Entry | undefined): number {
    const { log, deletes } = this.#options
    let generation = (previous?.generation ?? log.manifest.index.floor) + 1
    while (deletes.has(objectName(objectId, generation))) generation++
    return generation
  }
}

/** The last moment to abort is before the record: after that the store may have taken place. */
function checkSignal({ signal }: StoreCall): void {
  if (signal?.aborted) throw abortError(signal, 'the store')
}

/** Milliseconds since 1970, as the log writes them: whole, and 0 where the clock says less. */
// spec: STT-CHA-27
function now(): number {
  const time = Math.max(Math.floor(Date.now()), 0)
  if (Number.isSafeInteger(time)) return time
  throw new SttError('STT_INVALID_STATE', `the clock of this machine says ${time}, and not how late it is; set it`)
}
