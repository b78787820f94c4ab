import { concatBytes, openChunks, randomBytes, sealChunks } from '@stt/crypto'
import { collectUpTo, EMPTY, once } from '../bytes.ts'
import { corrupt, invalid } from '../failures.ts'
import { listNumbers } from '../store/numbers.ts'
import type { ScopedStore } from '../store/scoped-store.ts'
import { Keyring, keyFileContext } from './keyring.ts'
import { isWrapped, MASTER_LENGTH, type PassphraseCost, unwrapMaster, wrapMaster, wrongKey } from './wrap.ts'

/** The secret that opens a chamber: its 32-byte key, or the passphrase that wraps the key. */
export type Secret =
  | { readonly key: Uint8Array }
  | { readonly passphrase: string; readonly cost: PassphraseCost; readonly signal: AbortSignal | undefined }

/** The key files of a chamber in its store, and the master key that they lead to. */
export interface Unlocked {
  readonly keyring: Keyring
  /** Only with a passphrase: the master key, for wrapping it again, and the cost. */
  readonly wrapped: { readonly master: Uint8Array; readonly cost: PassphraseCost } | undefined
  /** The number of the key file in use. */
  readonly number: number
  /** The numbers of replaced key files. */
  readonly stale: readonly string[]
}

/** Reads the newest key file and tries the secret at it. Undefined when there is none: the chamber is new. */
export async function unlock(store: ScopedStore, id: string, secret: Secret): Promise<Unlocked | undefined> {
  const numbers = await listNumbers(store, FOLDER)
  // Only the newest key file is valid: a replaced one has an old passphrase.
  const number = numbers.at(-1)
  if (number === undefined) return undefined
  const stale = numbers.slice(0, -1).map(keyFileName)
  const source = await store.get(keyFileName(number))
  const bytes = source && (await collectUpTo(source, MAX_KEY_FILE))
  if (!bytes) throw corrupt('the key file of the chamber is gone, or longer than any')
  if ('key' in secret) return { keyring: checkKey(bytes, id, number, secret.key), wrapped: undefined, number, stale }
  if (!isWrapped(bytes)) throw corrupt('the key file of the chamber is not under a passphrase, or was changed')
  const wrapped = await unwrapMaster(bytes, secret.passphrase, keyFileContext(id, number), secret.signal)
  return { keyring: new Keyring(id, wrapped.master), wrapped, number, stale }
}

/** The keys of a new chamber, and the content of its first key file. */
export async function createKeys(
  id: string,
  secret: Secret,
): Promise<{ unlocked: Unlocked; keyFile: Uint8Array<ArrayBuffer> }> {
  const number = 1
  const master = 'key' in secret ? secret.key : randomBytes(MASTER_LENGTH)
  const keyring = new Keyring(id, master)
  const keyFile =
    'key' in secret
      ? concatBytes([Uint8Array.of(RAW), sealChunks(EMPTY, keyring.keyFile(number))])
      : await wrapMaster(master, secret.passphrase, keyFileContext(id, number), secret.cost, secret.signal)
  const wrapped = 'key' in secret ? undefined : { master, cost: secret.cost }
  return { unlocked: { keyring, wrapped, number, stale: [] }, keyFile }
}

/** Wraps the master key under another passphrase, in a new key file that is valid from then on. */
// spec: STT-CHA-8
export async function writeKeyFile(
  store: ScopedStore,
  id: string,
  number: number,
  master: Uint8Array,
  passphrase: string,
  cost: PassphraseCost,
): Promise<void> {
  const bytes = await wrapMaster(master, passphrase, keyFileContext(id, number), cost)
  await store.put(keyFileName(number), once(bytes), { durable: true })
}

/** Wipes the keys. */
export function forget({ keyring, wrapped }: Unlocked): void {
  keyring.dispose()
  wrapped?.master.fill(0)
}

/** The key file for a given key is an empty sealed message: it reveals a wrong key before anything is read. */
// spec: STT-CHA-5
function checkKey(bytes: Uint8Array, id: string, number: number, key: Uint8Array): Keyring {
  if (isWrapped(bytes))
    throw invalid('the key of this chamber is wrapped under a passphrase: give `passphrase`, not `key`')
  if (bytes[0] !== RAW) throw corrupt('the key file of the chamber is not one')
  const keyring = new Keyring(id, key)
  try {
    openChunks(bytes.subarray(1), keyring.keyFile(number))
  } catch (cause) {
    keyring.dispose()
    throw wrongKey('key', cause)
  }
  return keyring
}

export function keyFileName(number: number): string {
  return `${FOLDER}${number}`
}

const FOLDER = 'key/'
const RAW = 0
const MAX_KEY_FILE = 256
