import { SttError } from '@stt/errors'

/*
 * The part of IndexedDB that a store uses, typed here: a package for Node and pages is checked without a page's types.
 */

export type Key = string | number | readonly Key[]

/** The part of `IDBKeyRange` in use. */
export type Range = object

export interface Request<T> {
  readonly result: T
  readonly error: Error | null
  onsuccess: (() => void) | null
  onerror: (() => void) | null
}

export interface ObjectStore {
  add(value: unknown, key: Key): Request<Key>
  get(key: Key): Request<unknown>
  count(range: Range): Request<number>
  delete(range: Key | Range): Request<undefined>
  getAllKeys(range: Range, count: number): Request<Key[]>
}

export interface Transaction {
  readonly error: Error | null
  objectStore(name: string): ObjectStore
  oncomplete: (() => void) | null
  onabort: (() => void) | null
}

export interface Database {
  createObjectStore(name: string): unknown
  transaction(
    names: readonly string[],
    mode: 'readonly' | 'readwrite',
    options?: { readonly durability: 'strict' | 'relaxed' },
  ): Transaction
  close(): void
  onversionchange: (() => void) | null
  onclose: (() => void) | null
}

interface OpenRequest extends Request<Database> {
  onupgradeneeded: (() => void) | null
}

interface Platform {
  readonly indexedDB?: { open(name: string, version: number): OpenRequest }
  readonly IDBKeyRange?: {
    bound(lower: Key, upper: Key, lowerOpen: boolean, upperOpen: boolean): Range
  }
}

/**
 * Opens a database of one version, and makes its object stores if it is new.
 *
 * @throws SttError `STT_UNSUPPORTED` where the browser refuses the page a database
 */
export async function openDatabase(name: string, stores: readonly string[]): Promise<Database> {
  const { indexedDB } = globalThis as Platform
  if (!indexedDB) throw noPlace(undefined)
  try {
    const request = indexedDB.open(name, VERSION)
    request.onupgradeneeded = () => {
      for (const store of stores) request.result.createObjectStore(store)
    }
    return await resultOf(request)
  } catch (cause) {
    throw noPlace(cause)
  }
}

/** @returns the result of a request */
export const resultOf = <T>(request: Request<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })

/** Resolves once a transaction is complete. */
export const completed = (transaction: Transaction): Promise<void> =>
  new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve()
    transaction.onabort = () => reject(transaction.error ?? new Error('the browser ended a transaction'))
  })

/** The keys from the first (included unless `isOpen`) to below the second. */
export const keysBetween = (lower: Key, upper: Key, isOpen = false): Range =>
  (globalThis as Platform).IDBKeyRange!.bound(lower, upper, isOpen, true)

function noPlace(cause: unknown): SttError {
  const message =
    'this browser gives the page no IndexedDB, as some do in private windows: open it in an ordinary one, or take a MemoryStore'
  return new SttError('STT_UNSUPPORTED', message, cause === undefined ? {} : { cause })
}

const VERSION = 1
