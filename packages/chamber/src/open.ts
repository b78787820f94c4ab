import { bytesOf, SttError } from '@stt/errors'
import { once } from './bytes.ts'
import { corrupt, invalid, storeFailure } from './failures.ts'
import { createKeys, forget, keyFileName, type Unlocked, unlock } from './keys/key-file.ts'
import { type Keyring, scopeOf } from './keys/keyring.ts'
import { checkpointName } from './manifest/checkpoint.ts'
import { isCount } from './manifest/entry.ts'
import { Follower } from './manifest/follower.ts'
import { pointerName } from './manifest/head-pointer.ts'
import type { KeyIndex } from './manifest/key-index.ts'
import { loadManifest, rolledBack } from './manifest/load.ts'
import { createManifest, Log, writePointer } from './manifest/log.ts'
import type { Head } from './manifest/record.ts'
import { isObjectName, OBJECT_FOLDER, objectName } from './objects/name.ts'
import type { Settings } from './options.ts'
import { removeAll } from './store/remove-all.ts'
import { ScopedStore } from './store/scoped-store.ts'

/** A chamber that is unlocked and whose log is read. */
export interface Opened {
  readonly store: ScopedStore
  readonly unlocked: Unlocked
  /** A writer's log; undefined for a reader, which has a follower. */
  readonly log: Log | undefined
  readonly follower: Follower | undefined
  /** Ends the writer's lock. */
  readonly release: () => Promise<void>
  /** Last records that were not whole: 0 or 1. */
  readonly droppedRecords: number
  /** Objects that no record named. */
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
  const known = await loadAnchor(settings)
  const existing = await unlock(store, settings.id, settings.secret)
  if (!existing) await clearUnused(store, known)
  const { unlocked, keyFile } = existing
    ? { unlocked: existing, keyFile: undefined }
    : await createKeys(settings.id, settings.secret)
  return orForget(unlocked, async () => {
    if (keyFile) await createContents(store, unlocked.keyring, keyFile)
    const contents = await openContents(store, settings, unlocked, known)
    return { store, unlocked, follower: undefined, release, ...contents }
  })
}

/** The key file comes last: where it exists, the chamber was complete, and a missing file was removed. */
// spec: STT-CHA-24
async function createContents(store: ScopedStore, keyring: Keyring, keyFile: Uint8Array): Promise<void> {
  await createManifest(store, keyring)
  await store.put(keyFileName(1), once(keyFile), { durable: true })
}

/** Reads the log, and deletes names that are no longer needed. */
async function openContents(
  store: ScopedStore,
  { durable, minimumTail, anchor }: Settings,
  { keyring, stale }: Unlocked,
  known: Head | undefined,
): Promise<Pick<Opened, 'log' | 'droppedRecords' | 'removedObjects'>> {
  const loaded = await loadManifest(store, keyring, known)
  const { torn, pointers } = loaded
  // These names have to be free before anything is written; the others can wait.
  for (const name of [torn, pointers.torn]) if (name !== undefined) await store.delete(name)
  // spec: STT-CHA-23: from now on the last record is valid, which was whole but perhaps not acknowledged.
  if (pointers.head.sequence < loaded.head.sequence) await writePointer(store, keyring, loaded.head, durable)
  const replaced = pointers.head.sequence < loaded.head.sequence ? [pointerName(pointers.head.sequence)] : []
  const failedDeletes = await removeAll(store, [...stale, ...loaded.stale, ...replaced])
  const objects = await removeUnreferenced(store, keyring, loaded.index)
  const log = new Log(loaded, { store, keyring, durable, minimumTail, anchor })
  log.counters.failedDeletes += failedDeletes + objects.failed
  return { log, droppedRecords: torn === undefined ? 0 : 1, removedObjects: objects.removed }
}

/** Wipes the keys when a chamber cannot be opened. */
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
  if (head !== null && isCount(head.sequence)) {
    return { sequence: head.sequence, commitment: bytesOf(head.commitment, 'the commitment that the anchor gives') }
  }
  throw invalid('the anchor gives what it was not given: { sequence, commitment } of its last save, or undefined')
}

/** Without a key file there is no chamber, or an unfinished one, or its key file was removed. */
// spec: STT-CHA-24
async function clearUnused(store: ScopedStore, anchor: Head | undefined): Promise<void> {
  if (anchor) throw rolledBack()
  const unfinished = [pointerName(0), checkpointName(0)]
  for await (const name of store.list('')) {
    if (!unfinished.includes(name)) throw corrupt('the key file of the chamber is gone')
  }
  for (const name of unfinished) await store.delete(name)
}

/** Deletes the objects that no record names: replaced ones, and those of unfinished stores. */
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
