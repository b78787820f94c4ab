import { SttError } from '@stt/errors'
import { corrupt, invalid, storeFailure } from './failures.ts'
import { createKeyFile, forget, type Unlocked, unlock } from './keys/key-file.ts'
import { type Keyring, scopeOf } from './keys/keyring.ts'
import { isCount } from './manifest/entry.ts'
import { Follower } from './manifest/follower.ts'
import type { KeyIndex } from './manifest/key-index.ts'
import { loadManifest, type Manifest, rolledBack } from './manifest/load.ts'
import { createManifest, Log } from './manifest/log.ts'
import type { Head } from './manifest/record.ts'
import { isObjectName, OBJECT_FOLDER, objectName } from './objects/name.ts'
import type { Settings } from './options.ts'
import { removeAll } from './store/remove-all.ts'
import { ScopedStore } from './store/scoped-store.ts'

/** A chamber whose keys fit and whose log was read. */
export interface Opened {
  readonly store: ScopedStore
  readonly unlocked: Unlocked
  /** What a writer writes to; a reader follows instead. */
  readonly log: Log | undefined
  readonly follower: Follower | undefined
  /** Ends the writer's lock. */
  readonly release: () => Promise<void>
  /** Last records that were not whole, and objects that no record names. */
  readonly droppedRecords: number
  readonly removedObjects: number
}

export async function openChamber(settings: Settings): Promise<Opened> {
  const store = new ScopedStore(settings.store, scopeOf(settings.id))
  if (settings.readOnly) return openReader(store, settings)
  const release = await store.lock()
  try {
    return await openWriter(store, settings, release)
  } catch (error) {
    await release()
    throw error
  }
}

async function openReader(store: ScopedStore, settings: Settings): Promise<Opened> {
  const unlocked = await unlock(store, settings.id, settings.secret)
  if (!unlocked) {
    throw new SttError('STT_INVALID_STATE', 'there is no chamber of this id here; a writer has to make it first')
  }
  const follower = await orForget(unlocked, async () =>
    Follower.start(store, unlocked.keyring, await loadAnchor(settings)),
  )
  const release = async (): Promise<void> => {}
  return { store, unlocked, log: undefined, follower, release, droppedRecords: 0, removedObjects: 0 }
}

async function openWriter(store: ScopedStore, settings: Settings, release: () => Promise<void>): Promise<Opened> {
  const { id, secret } = settings
  const known = await loadAnchor(settings)
  const existing = await unlock(store, id, secret)
  if (!existing) await checkUnused(store, known)
  const unlocked = existing ?? (await createKeyFile(store, id, secret))
  return orForget(unlocked, async () => {
    const contents = await openContents(store, settings, unlocked, known)
    return { store, unlocked, follower: undefined, release, ...contents }
  })
}

/** Reads the log, or begins it, and clears away what is of no more use. */
async function openContents(
  store: ScopedStore,
  { durable, minimumTail, anchor }: Settings,
  { keyring, stale }: Unlocked,
  known: Head | undefined,
): Promise<Pick<Opened, 'log' | 'droppedRecords' | 'removedObjects'>> {
  const loaded = await loadManifest(store, keyring, known)
  if (!loaded) await checkNoObjects(store)
  const manifest: Manifest = loaded ?? (await createManifest(store, keyring))
  // The record's number is free again before anything is written; the rest can wait for another time.
  if (loaded?.torn !== undefined) await store.delete(loaded.torn)
  const failedDeletes = await removeAll(store, [...stale, ...(loaded?.stale ?? [])])
  const objects = await removeUnreferenced(store, keyring, manifest.index)
  const log = new Log(manifest, { store, keyring, durable, minimumTail, anchor })
  log.counters.failedDeletes += failedDeletes + objects.failed
  return { log, droppedRecords: loaded?.torn === undefined ? 0 : 1, removedObjects: objects.removed }
}

/** Lets no keys lie about when a chamber cannot be opened. */
async function orForget<T>(unlocked: Unlocked, use: () => Promise<T>): Promise<T> {
  try {
    return await use()
  } catch (error) {
    forget(unlocked)
    throw error
  }
}

async function loadAnchor({ anchor }: Settings): Promise<Head | undefined> {
  let head: Head | undefined
  try {
    head = await anchor?.load()
  } catch (error) {
    throw storeFailure('loading the anchor of the chamber', error)
  }
  if (head === undefined) return undefined
  if (isCount(head.sequence) && head.commitment instanceof Uint8Array) return head
  throw invalid('the anchor gives what it was not given: { sequence, commitment } of its last save, or undefined')
}

/** Without a key file there is no chamber, or somebody took it away. */
async function checkUnused(store: ScopedStore, anchor: Head | undefined): Promise<void> {
  if (anchor) throw rolledBack()
  for await (const _ of store.list('')) throw corrupt('the key file of the chamber is gone')
}

/** A chamber begins with its key file and its first checkpoint: between the two there can be no object. */
async function checkNoObjects(store: ScopedStore): Promise<void> {
  for await (const _ of store.list(OBJECT_FOLDER)) throw corrupt('the checkpoint of the chamber is gone')
}

/** Deletes the objects that no record names: of stores that did not come to their end, and replaced ones. */
// spec: STT-CHA-19
async function removeUnreferenced(
  store: ScopedStore,
  keyring: Keyring,
  index: KeyIndex,
): Promise<{ removed: number; failed: number }> {
  const unreferenced = new Set<string>()
  for await (const name of store.list(OBJECT_FOLDER)) if (isObjectName(name)) unreferenced.add(name)
  for (const { key, generation } of index.entries()) unreferenced.delete(objectName(keyring.objectId(key), generation))
  const failed = await removeAll(store, unreferenced)
  return { removed: unreferenced.size - failed, failed }
}
