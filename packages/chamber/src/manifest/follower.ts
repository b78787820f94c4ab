import { isSttError, SttError } from '@stt/errors'
import { corrupt } from '../failures.ts'
import type { Keyring } from '../keys/keyring.ts'
import type { ScopedStore } from '../store/scoped-store.ts'
import { advance, loadManifest, type Manifest, newestCheckpoint } from './load.ts'
import { type Head, recordName } from './record.ts'

/** A reader's end of the log: reads what a writer, in this process or another, has added since. */
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

  /** As of the last refresh. */
  get manifest(): Manifest {
    return this.#manifest
  }

  /** What the log says now. */
  refresh(): Promise<Manifest> {
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = undefined
    })
    return this.#refreshing
  }

  async #refresh(): Promise<Manifest> {
    for (;;) {
      const advanced = await this.#advance()
      if (advanced === 'applied') continue
      // Nothing new, something that is not whole yet, or a checkpoint that took its place.
      const { head } = this.#manifest
      const newest = await newestCheckpoint(this.#store)
      if (newest !== undefined && newest > head.sequence) {
        this.#manifest = await loadBeside(this.#store, this.#keyring, head)
      } else if (advanced === 'bad' && (await this.#isFollowed(head)) && (await this.#advance()) === 'bad') {
        throw corrupt('a record of the chamber was changed')
      }
      return this.#manifest
    }
  }

  #advance(): Promise<'applied' | 'absent' | 'bad'> {
    return advance(this.#store, this.#keyring, this.#manifest)
  }

  /** Whether there is a record after the next one: that one was whole then. */
  async #isFollowed(head: Head): Promise<boolean> {
    const source = await this.#store.get(recordName(head.sequence + 2), { start: 0, end: 0 })
    await source?.[Symbol.asyncIterator]().next()
    return source !== undefined
  }
}

/** Loads while a writer may be replacing records by a checkpoint: what is missing then is in a newer checkpoint. */
async function loadBeside(store: ScopedStore, keyring: Keyring, anchor: Head | undefined): Promise<Manifest> {
  for (;;) {
    const before = await newestCheckpoint(store)
    try {
      const loaded = await loadManifest(store, keyring, anchor)
      if (loaded) return loaded
      throw new SttError('STT_INVALID_STATE', 'the chamber is still being made; try again when its writer has it open')
    } catch (error) {
      if (!isSttError(error, 'STT_CHAMBER_CORRUPT') || (await newestCheckpoint(store)) === before) throw error
    }
  }
}
