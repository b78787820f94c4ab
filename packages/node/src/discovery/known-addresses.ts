import { cke, type Entropy, provider, type RendezvousKeys, toHex } from '@stt/crypto'
import { SttError } from '@stt/errors'
import { decode, encode, type Value } from '@stt/serialize'
import type { AddressStore } from './discovery-options.ts'

export interface KnownAddressesConfig {
  readonly store: AddressStore
  readonly keys: () => readonly RendezvousKeys[]
  readonly entropy: Entropy
  readonly warn: (error: Error) => void
}

/** Addresses at which nodes were reached, newest first, kept in the caller's store and sealed with a key of the seed. */
export class KnownAddresses {
  readonly #config: KnownAddressesConfig
  #loading: Promise<Map<string, readonly string[]>> | undefined
  #saving: Promise<void> = Promise.resolve()

  constructor(config: KnownAddressesConfig) {
    this.#config = config
  }

  /** By the hexadecimal id. */
  all(): Promise<ReadonlyMap<string, readonly string[]>> {
    return this.#load()
  }

  add(id: Uint8Array, address: string): void {
    this.#saving = this.#saving.then(async () => {
      const all = await this.#load()
      const key = toHex(id)
      const before = all.get(key) ?? []
      if (before[0] === address) return
      all.delete(key)
      all.set(key, [address, ...before.filter(each => each !== address)].slice(0, MOST_ADDRESSES))
      for (const oldest of all.keys()) if (all.size > MOST_PEERS) all.delete(oldest)
      await this.#save(all)
    })
  }

  /** Resolves when what was added is stored, or could not be. */
  saved(): Promise<void> {
    return this.#saving
  }

  #load(): Promise<Map<string, readonly string[]>> {
    this.#loading ??= this.#read()
    return this.#loading
  }

  async #read(): Promise<Map<string, readonly string[]>> {
    const { store, warn } = this.#config
    try {
      const sealed = await store.load()
      if (sealed === undefined) return new Map()
      const opened = this.#open(sealed)
      if (opened) return opened
      const message =
        'the kept addresses of peers are of another seed, or damaged: they are left out, and replaced when the next peer is reached'
      warn(new SttError('STT_AUTHENTICATION', message))
    } catch (cause) {
      warn(
        new SttError(
          'STT_INVALID_STATE',
          'discovery.store could not be read: addresses of earlier times are left out',
          { cause },
        ),
      )
    }
    return new Map()
  }

  async #save(all: ReadonlyMap<string, readonly string[]>): Promise<void> {
    const { store, warn, entropy } = this.#config
    const key = this.#key()
    if (!key) return
    const body = encode([...all].map(([id, addresses]) => [id, addresses]))
    const nonceSalt = entropy(SALT_SIZE)
    const sealed = new Uint8Array(SALT_SIZE + body.length + TAG_SIZE)
    sealed.set(nonceSalt)
    const aead = provider.aead(cke.derive(key, 'sealed', nonceSalt, 32))
    aead.seal(NONCE, LABEL, body, sealed, SALT_SIZE)
    aead.dispose()
    try {
      await store.save(sealed)
    } catch (cause) {
      warn(
        new SttError(
          'STT_INVALID_STATE',
          'discovery.store could not be written: the addresses of this time are not kept',
          { cause },
        ),
      )
    }
  }

  #open(sealed: Uint8Array): Map<string, readonly string[]> | undefined {
    const key = this.#key()
    if (!key || !(sealed instanceof Uint8Array) || sealed.length < SALT_SIZE + TAG_SIZE) return undefined
    const aead = provider.aead(cke.derive(key, 'sealed', sealed.subarray(0, SALT_SIZE), 32))
    const body = aead.openToOwnBuffer(NONCE, LABEL, sealed.subarray(SALT_SIZE))
    aead.dispose()
    return body && readAll(body)
  }

  /** Of the seed that dials first. */
  #key(): Uint8Array | undefined {
    const [first] = this.#config.keys()
    return first && cke.derive(first.rendezvous, 'known addresses', new Uint8Array(0), 32)
  }
}

function readAll(body: Uint8Array): Map<string, readonly string[]> | undefined {
  let value: Value
  try {
    value = decode(body)
  } catch {
    // Sealed by a later version, which writes another form.
    return undefined
  }
  if (!Array.isArray(value)) return undefined
  const all = new Map<string, readonly string[]>()
  for (const entry of value) {
    const [id, addresses] = Array.isArray(entry) ? entry : []
    if (typeof id !== 'string' || !/^[0-9a-f]{64}$/.test(id) || !Array.isArray(addresses)) return undefined
    all.set(
      id,
      addresses.filter((each): each is string => typeof each === 'string'),
    )
  }
  return all
}

const LABEL = new TextEncoder().encode('stt known addresses')
const NONCE = new Uint8Array(12)
const SALT_SIZE = 16
const TAG_SIZE = 16
const MOST_PEERS = 256
const MOST_ADDRESSES = 4
