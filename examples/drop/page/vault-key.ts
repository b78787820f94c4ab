import { Chamber } from '@stt/chamber'
import { IndexedDbChamberStore } from '@stt/chamber/indexed-db'
import { Said } from './sentences.ts'
import { NO_PLACE } from './support.ts'

/** All that this page keeps: pairings and files, encrypted, in the browser's database. */
export async function openVault(): Promise<Chamber> {
  const store = new IndexedDbChamberStore(VAULT_DATABASE)
  return Chamber.open({ store, id: 'drop', key: await vaultKey() })
}

/** The key that everything here is sealed with: it stands beside it, so it does not protect against a reader of this browser's profile. */
export async function vaultKey(): Promise<Uint8Array> {
  const database = await open()
  try {
    const found = await settled(database.transaction('key').objectStore('key').get('key'))
    if (found) return found as Uint8Array
    const key = crypto.getRandomValues(new Uint8Array(32))
    // Of two tabs that begin at once the first one's counts.
    const transaction = database.transaction('key', 'readwrite', { durability: 'strict' })
    const keys = transaction.objectStore('key')
    const first = (await settled(keys.get('key'))) as Uint8Array | undefined
    if (!first) await settled(keys.add(key, 'key'))
    return first ?? key
  } finally {
    database.close()
  }
}

async function open(): Promise<IDBDatabase> {
  const opening = indexedDB.open(KEY_DATABASE, 1)
  opening.onupgradeneeded = () => opening.result.createObjectStore('key')
  try {
    return await settled(opening)
  } catch (cause) {
    // As some browsers say it in private windows.
    throw new Said(NO_PLACE, { cause })
  }
}

/** Forgets all that the page keeps, also what cannot be opened any more. */
export async function destroyVault(): Promise<void> {
  for (const name of [VAULT_DATABASE, KEY_DATABASE]) await removed(indexedDB.deleteDatabase(name))
}

/** Another tab may have it open, and a browser waits for that as long as it takes. */
const removed = (request: IDBOpenDBRequest): Promise<unknown> =>
  new Promise((resolve, reject) => {
    request.onblocked = () => reject(new Said('This page is open in another tab. Close it there, and try again.'))
    settled(request).then(resolve, reject)
  })

const settled = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })

export const VAULT_DATABASE = 'stt-drop'
const KEY_DATABASE = 'stt-drop-key'
