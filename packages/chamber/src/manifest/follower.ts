import { isSttError } from '@stt/errors'
import { corrupt } from '../failures.ts'
import type { Keyring } from '../keys/keyring.ts'
import type { ScopedStore } from '../store/scoped-store.ts'
import { newestPointer } from './head-pointer.ts'
import { advance, loadManifest, type Manifest, newestCheckpoint } from './load.ts'
import type { Head } from './record.ts'

/** A reader's end of the log, which reads the records that a writer in any process has added. */
export class Follower {
  readonly #store: ScopedStore
  readonly #keyring: Keyring
  #manifest: Manifest
  #refreshing: Promise<Manifest> | undefined

  private constructor(store: ScopedStore, keyring: Keyring, manifest: Manifest) {
    this.#store = store
    this.#keyring = keyring
    this.#manifest = manifest
  }

  static async start(store: ScopedStore, keyring: Keyring, anchor?: Head): Promise<Follower> {
    return new Follower(store, keyring, await loadBeside(store, keyring, anchor))
  }

  /** The state as of the last refresh. */
  get manifest(): Manifest {
    return this.#manifest
  }

  /** The state that the log describes now. */
  refresh(): Promise<Manifest> {
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = undefined
    })
    return this.#refreshing
  }

  async #refresh(): Promise<Manifest> {
    for (;;) {
      if ((await this.#advance()) === 'applied') continue
      const { head } = this.#manifest
      // No new record, or one that is not whole yet.
      if ((await newestPointer(this.#store)) <= head.sequence) return this.#manifest
      // The next record was whole: by now it is there, or a checkpoint has taken its place.
      const again = await this.#advance()
      if (again === 'applied') continue
      if (((await newestCheckpoint(this.#store)) ?? 0) <= head.sequence) {
        throw corrupt(again === 'bad' ? 'a record of the chamber was changed' : 'a record of the chamber is gone')
      }
      this.#manifest = await loadBeside(this.#store, this.#keyring, head)
    }
  }

  #advance(): Promise<'applied' | 'absent' | 'bad'> {
    return advance(this.#store, this.#keyring, this.#manifest)
  }
}

/** Loads beside a writer that may replace records by a checkpoint: missing records are in the newer checkpoint. */
async function loadBeside(store: ScopedStore, keyring: Keyring, anchor: Head | undefined): Promise<Manifest> {
  for (;;) {
    const before = await newestCheckpoint(store)
    try {
      return await loadManifest(store, keyring, anchor)
    } catch (error) {
      if (!isSttError(error, 'STT_CHAMBER_CORRUPT') || (await newestCheckpoint(store)) === before) throw error
    }
  }
}
