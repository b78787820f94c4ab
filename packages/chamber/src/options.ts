import { bytesOf, checkInteger, checkOptions, describe, SttError, utf8 } from '@stt/errors'
import { invalid } from './failures.ts'
import type { Secret } from './keys/key-file.ts'
import { checkCost, MASTER_LENGTH, type PassphraseCost } from './keys/wrap.ts'
import type { ChamberAnchor } from './manifest/log.ts'
import type { ChamberStore } from './store/chamber-store.ts'

export type ChamberOptions = CommonOptions & Place & SecretOptions

/** The options where there is no file system. */
export type PortableOptions = CommonOptions & PlaceInStore & SecretOptions

interface CommonOptions {
  /** The chamber's name: 1 to 255 bytes of UTF-8. Chambers of different ids in one folder are independent. */
  readonly id: string
  /**
   * `durable` (default): a call that has resolved survives a loss of power. `relaxed` is several times faster: it survives any
   * end of the process, but after a loss of power the chamber may be corrupt.
   */
  readonly durability?: 'durable' | 'relaxed'
  /** Opens beside a writer and follows its changes, without writing, not even a lock; false unless given. */
  readonly readOnly?: boolean
  /** Where the end of the log is kept outside of the store, to detect an old copy of it. */
  readonly anchor?: ChamberAnchor
  /** Stops the work that a passphrase takes. */
  readonly signal?: AbortSignal
  /** @internal How many operations the log has before a checkpoint; 1,024 unless a test says otherwise. */
  readonly minimumTail?: number
}

type Place =
  | {
      /** A folder, which is made if it does not exist. */
      readonly path: string
      readonly store?: never
    }
  | PlaceInStore

type PlaceInStore = {
  /** A store other than a folder. */
  readonly store: ChamberStore
  readonly path?: never
}

type SecretOptions =
  | {
      /** The master key, 32 uniform bytes for this chamber alone. It is not kept. */
      readonly key: Uint8Array
      readonly passphrase?: never
      readonly argon2id?: never
    }
  | {
      /** Wraps a random master key. The same text in another Unicode form is the same passphrase. */
      readonly passphrase: string
      readonly key?: never
      /** The cost of deriving a key from the passphrase, for a new chamber; an existing one has it stored. */
      readonly argon2id?: PassphraseCost
    }

/** Checked options. */
export interface Settings {
  readonly id: string
  readonly store: ChamberStore
  readonly secret: Secret
  readonly durable: boolean
  readonly readOnly: boolean
  readonly anchor: ChamberAnchor | undefined
  readonly minimumTail: number
}

/** Makes the store of a folder, on a platform that has folders. */
export type OpenFolder = (path: string) => ChamberStore

/** @throws STT_INVALID_ARGUMENT; STT_UNSUPPORTED for a path where there are no folders */
export function readOptions(options: ChamberOptions, openFolder?: OpenFolder): Settings {
  checkOptions(options ?? null, 'Chamber.open', NAMES)
  const { id, durability = 'durable', readOnly = false, anchor, minimumTail = MINIMUM_TAIL } = options
  if (typeof id !== 'string') throw invalid('id must be a text that names the chamber')
  const { length } = utf8(id, 'the id')
  if (length < 1 || length > MAX_ID) throw invalid(`id has ${length} bytes of UTF-8, not 1 to ${MAX_ID}`)
  if (durability !== 'durable' && durability !== 'relaxed') throw invalid("durability is 'durable' or 'relaxed'")
  if (typeof readOnly !== 'boolean') throw invalid(`readOnly is true or false, not ${describe(readOnly)}`)
  if (anchor !== undefined) checkMethods(anchor, 'anchor', ['load', 'save'])
  checkInteger(minimumTail, 'minimumTail', 0, Number.MAX_SAFE_INTEGER)
  checkSignal(options.signal)
  const durable = durability === 'durable'
  return {
    id,
    store: readPlace(options, openFolder),
    secret: readSecret(options),
    durable,
    readOnly,
    anchor,
    minimumTail,
  }
}

/** A key may be any text up to a length in UTF-8. @throws STT_LIMIT, STT_INVALID_ARGUMENT */
// spec: STT-CHA-3
export function checkKey(key: string): void {
  if (typeof key !== 'string') throw invalid('a key is a text')
  const { length } = utf8(key, 'the key')
  if (length <= MAX_KEY) return
  throw new SttError('STT_LIMIT', `the key has ${length} bytes of UTF-8, more than ${MAX_KEY}; use its hash as a key`)
}

function readPlace({ path, store }: ChamberOptions, openFolder: OpenFolder | undefined): ChamberStore {
  if ((path === undefined) === (store === undefined)) throw invalid('give a chamber either `path` or `store`')
  if (path !== undefined) {
    if (openFolder) return openFolder(path)
    throw new SttError(
      'STT_UNSUPPORTED',
      'a page has no folders: give `store`, an IndexedDbChamberStore of @stt/chamber/indexed-db, a MemoryStore or one of your own',
    )
  }
  checkMethods(store, 'store', ['get', 'putIfAbsent', 'delete', 'list', 'lock'])
  return store
}

function readSecret({ key, passphrase, argon2id, signal }: ChamberOptions): Secret {
  if ((key === undefined) === (passphrase === undefined)) throw invalid('give a chamber either `key` or `passphrase`')
  if (passphrase !== undefined) {
    checkCost(argon2id)
    return { passphrase, cost: argon2id ?? {}, signal }
  }
  if (argon2id !== undefined) throw invalid('argon2id says what a passphrase costs, and there is a key in its place')
  const what = `key must be ${MASTER_LENGTH} uniform bytes; a passphrase goes into \`passphrase\``
  if (typeof key === 'string') throw invalid(what)
  const bytes = bytesOf(key, 'key')
  if (bytes.length !== MASTER_LENGTH) throw invalid(what)
  if (bytes.every(byte => byte === 0))
    throw invalid('the key is 32 zeros, which an attacker tries first: draw a random one')
  return { key: bytes }
}

/** @throws STT_INVALID_ARGUMENT */
export function checkSignal(signal: AbortSignal | undefined): void {
  if (signal === undefined) return
  if (typeof signal?.aborted === 'boolean' && typeof signal.addEventListener === 'function') return
  throw invalid(`signal is an AbortSignal, not ${describe(signal)}`)
}

function checkMethods(value: unknown, what: string, names: readonly string[]): void {
  const holder = value as Record<string, unknown> | null
  const missing = names.find(name => typeof holder?.[name] !== 'function')
  if (missing !== undefined) throw invalid(`${what} has no ${missing}(): it needs ${names.join(', ')}`)
}

const NAMES = [
  ...['path', 'store', 'id', 'key', 'passphrase', 'argon2id'],
  ...['durability', 'readOnly', 'anchor', 'signal', 'minimumTail'],
]
const MAX_ID = 255
const MAX_KEY = 65_536
const MINIMUM_TAIL = 1024
