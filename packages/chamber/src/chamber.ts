import { checkInteger, checkOptions, SttError } from '@stt/errors'
import { decode, type Encodable, encode, type Value } from '@stt/serialize'
import { closed, invalid } from './failures.ts'
import { KeyQueue } from './key-queue.ts'
import { forget, keyFileName, writeKeyFile } from './keys/key-file.ts'
import { checkCost, type PassphraseCost } from './keys/wrap.ts'
import { type ByteRange, ObjectReader } from './object-reader.ts'
import { ObjectWriter } from './object-writer.ts'
import { DeferredDeletes } from './objects/deferred-deletes.ts'
import { Source } from './objects/source.ts'
import { type Opened, openChamber } from './open.ts'
import {
  type ChamberOptions,
  checkKey,
  checkSignal,
  type OpenFolder,
  type PortableOptions,
  readOptions,
  type Settings,
} from './options.ts'
import { type ChamberStatistics, Counters } from './statistics.ts'

export interface StoreOptions {
  /** Any value that `@stt/serialize` encodes in at most 65,536 bytes. It is replaced and deleted with the object. */
  readonly metadata?: Encodable
  /** Gives the store up while it waits for its turn or for the source; the key then keeps its old object. */
  readonly signal?: AbortSignal
}

export interface ObjectMetadata {
  /** The key. */
  readonly key: string
  /** Bytes of the object. */
  readonly size: number
  /** Milliseconds since 1970 of the first store under this key. */
  readonly createdAt: number
  /** Milliseconds since 1970 of the last store under this key. */
  readonly modifiedAt: number
  /** Grows with every store under this key. */
  readonly generation: number
  /** The metadata of the last store. */
  readonly metadata: Value | undefined
}

export interface ChamberMetadata {
  /** The chamber's id. */
  readonly id: string
  /** How many keys have an object. */
  readonly totalKeys: number
  /** Plaintext bytes of all objects. */
  readonly totalBytes: number
}

export interface ChamberVerification {
  /** How many keys were read. */
  readonly keys: number
  /** The keys whose objects were changed or are gone, each with its error. */
  readonly damaged: readonly { readonly key: string; readonly error: SttError }[]
}

/** An encrypted store of bytes under keys. Keys are texts of any kind, up to 65,536 bytes of UTF-8. */
export class Chamber {
  readonly #id: string
  readonly #opened: Opened
  readonly #reader: ObjectReader
  readonly #writer: ObjectWriter | undefined
  readonly #deletes: DeferredDeletes
  readonly #counters = new Counters()
  readonly #writes = new KeyQueue()
  readonly #rewraps = new KeyQueue()
  readonly #retrieves = new Set<Promise<unknown>>()
  /** The numbers of the key files that may exist; the last one is valid. */
  readonly #keyNumbers: number[]
  #closing: Promise<void> | undefined
  #closed = false

  /** @param parts only `open` makes them */
  protected constructor(parts: {
    /** @internal */
    readonly settings: Settings
    /** @internal */
    readonly opened: Opened
  }) {
    const { settings, opened } = parts
    const { store, unlocked, log, follower } = opened
    const deletes = new DeferredDeletes(store)
    const shared = { store, keyring: unlocked.keyring, deletes, counters: this.#counters }
    const check = (): void => {
      if (this.#closed) throw closed()
    }
    this.#id = settings.id
    this.#opened = opened
    this.#deletes = deletes
    this.#reader = new ObjectReader({ ...shared, log, follower, check })
    this.#writer = log && new ObjectWriter({ ...shared, log, durable: settings.durable })
    this.#keyNumbers = [unlocked.number]
  }

  /**
   * Opens a chamber, and makes it when there is none.
   *
   * @throws STT_CHAMBER_LOCKED when another writer has it open; STT_AUTHENTICATION for another key or passphrase;
   *   STT_CHAMBER_CORRUPT when what is stored was changed; STT_CHAMBER_STORE when the store fails; STT_INVALID_ARGUMENT;
   *   STT_INVALID_STATE for `readOnly` where there is no chamber; STT_ABORTED and STT_TIMEOUT by `signal`
   */
  static async open(options: PortableOptions): Promise<Chamber> {
    return Chamber.openWith(options)
  }

  /** @internal For a platform that has folders. */
  protected static async openWith(options: ChamberOptions, openFolder?: OpenFolder): Promise<Chamber> {
    const settings = readOptions(options, openFolder)
    return new this({ settings, opened: await openChamber(settings) })
  }

  /**
   * Stores bytes, or all that a source gives, under a key, as one atomic step. Resolves when they are safe; `source` must not
   * change until then. Stores and deletes of one key happen in the order of the calls; a source cannot wait for a later one.
   * When the store fails, the source's iterator is returned, or its stream destroyed.
   *
   * @throws STT_CHAMBER_STORE, and the key keeps its old object, unless the message says that this is unknown; STT_LIMIT
   *   for a key or metadata over 65,536 bytes; STT_ENCODE for metadata that has no encoding; what `source` throws;
   *   STT_ABORTED, STT_TIMEOUT by `signal`; STT_CLOSED; STT_INVALID_ARGUMENT; STT_INVALID_STATE when read-only, or where
   *   the clock gives no usable time
   */
  async store(key: string, source: Uint8Array | AsyncIterable<Uint8Array>, options: StoreOptions = {}): Promise<void> {
    const given = new Source(source)
    try {
      this.#checkOpen()
      checkKey(key)
      const writer = this.#openWriter()
      checkOptions(options, 'store', ['metadata', 'signal'])
      const { signal } = options
      checkSignal(signal)
      const metadata = encodeMetadata(options.metadata)
      await this.#writes.run(key, call => writer.store(key, given, metadata, { call, signal }), signal)
    } finally {
      given.close()
    }
  }

  /**
   * All bytes under a key, or undefined when it has none.
   *
   * @param options.maxBytes the largest object that the caller has memory for; 1 GiB unless given
   * @throws STT_CHAMBER_CORRUPT; STT_LIMIT for an object above `maxBytes`, which `retrieveStream` reads; STT_CLOSED
   */
  async retrieve(
    key: string,
    options: { readonly maxBytes?: number } = {},
  ): Promise<Uint8Array<ArrayBuffer> | undefined> {
    this.#checkOpen()
    checkKey(key)
    checkOptions(options, 'retrieve', ['maxBytes'])
    const { maxBytes = MAX_RETRIEVED } = options
    if (maxBytes !== Number.POSITIVE_INFINITY) checkInteger(maxBytes, 'maxBytes', 0, Number.MAX_SAFE_INTEGER)
    const result = this.#reader.retrieve(key, maxBytes)
    this.#retrieves.add(result)
    try {
      return await result
    } finally {
      this.#retrieves.delete(result)
    }
  }

  /**
   * The bytes under a key in pieces as they are read, or undefined when it has none. Of a range, only the 16 KiB chunks
   * that hold it are read. A later store or delete does not change the bytes of a read under way. Each piece is proved; the
   * end of a whole iteration proves that the object is complete.
   *
   * @throws STT_INVALID_ARGUMENT unless 0 ≤ start ≤ end; STT_CHAMBER_CORRUPT, also within the iteration; STT_CLOSED
   */
  async retrieveStream(
    key: string,
    range: ByteRange = {},
  ): Promise<AsyncIterableIterator<Uint8Array<ArrayBuffer>> | undefined> {
    this.#checkOpen()
    checkKey(key)
    return (await this.#reader.stream(key, range))?.stream
  }

  /** Facts about a key, without reading its object; undefined when it has none. */
  async getMetadata(key: string): Promise<ObjectMetadata | undefined>
  /** The totals of the chamber. */
  async getMetadata(): Promise<ChamberMetadata>
  async getMetadata(key?: string): Promise<ObjectMetadata | ChamberMetadata | undefined> {
    this.#checkOpen()
    if (key === undefined) {
      const { index } = await this.#reader.manifest()
      return { id: this.#id, totalKeys: index.size, totalBytes: index.bytes }
    }
    checkKey(key)
    const entry = await this.#reader.find(key)
    if (!entry) return undefined
    const { size, createdAt, modifiedAt, generation, metadata } = entry
    return { key, size, createdAt, modifiedAt, generation, metadata: metadata && decode(metadata, { copy: true }) }
  }

  /** Deletes the object of a key. @returns whether there was one @throws as `store` */
  async delete(key: string): Promise<boolean> {
    this.#checkOpen()
    checkKey(key)
    const writer = this.#openWriter()
    return this.#writes.run(key, () => writer.delete(key))
  }

  /** Whether a key has an object. */
  async has(key: string): Promise<boolean> {
    this.#checkOpen()
    checkKey(key)
    return (await this.#reader.find(key)) !== undefined
  }

  /** The keys, or those that begin with `prefix`, in the order of their UTF-16 code units. */
  async list(options: { readonly prefix?: string } = {}): Promise<string[]> {
    this.#checkOpen()
    checkOptions(options, 'list', ['prefix'])
    const { prefix = '' } = options
    if (typeof prefix !== 'string') throw invalid('prefix is a text that the keys begin with')
    const { index } = await this.#reader.manifest()
    return [...index.keys()].filter(key => key.startsWith(prefix)).sort()
  }

  /**
   * Reads every object and proves it, a piece at a time.
   *
   * @throws STT_CHAMBER_CORRUPT when the log itself was changed; STT_CHAMBER_STORE; STT_ABORTED, STT_TIMEOUT by `signal`;
   *   STT_CLOSED
   */
  async verify(options: { readonly signal?: AbortSignal } = {}): Promise<ChamberVerification> {
    this.#checkOpen()
    checkOptions(options, 'verify', ['signal'])
    const { signal } = options
    checkSignal(signal)
    const { index } = await this.#reader.manifest()
    const damaged: { key: string; error: SttError }[] = []
    const keys = [...index.keys()].sort()
    for (const key of keys) {
      const error = await this.#reader.damageOf(key, signal)
      if (error) damaged.push({ key, error })
    }
    return { keys: keys.length, damaged }
  }

  /**
   * Wraps the master key under another passphrase; no object is written again. An older copy of the store still opens with
   * the old passphrase.
   *
   * @param cost the cost of opening; unchanged unless given
   * @throws STT_INVALID_STATE when the chamber was opened with `key`, or read-only
   */
  async changePassphrase(passphrase: string, cost?: PassphraseCost): Promise<void> {
    this.#checkOpen()
    this.#openWriter()
    checkCost(cost)
    await this.#rewraps.run('', async () => {
      const { store, unlocked } = this.#opened
      if (!unlocked.wrapped) {
        throw new SttError('STT_INVALID_STATE', 'this chamber has no passphrase: it is opened with a key of your own')
      }
      const { master } = unlocked.wrapped
      // A number is never tried twice: a failed write may have left a file.
      const number = this.#keyNumbers.at(-1)! + 1
      this.#keyNumbers.push(number)
      await writeKeyFile(store, this.#id, number, master, passphrase, cost ?? unlocked.wrapped.cost)
      for (const replaced of this.#keyNumbers.splice(0, this.#keyNumbers.length - 1)) {
        await this.#deletes.delete(keyFileName(replaced))
      }
    })
  }

  /** The chamber's contents, and its counters since it was opened. */
  getStatistics(): ChamberStatistics {
    const { log, follower, droppedRecords, removedObjects } = this.#opened
    const { index, tail } = (log ?? follower!).manifest
    return {
      keys: index.size,
      bytes: index.bytes,
      ...this.#counters,
      records: log?.counters.records ?? 0,
      operationsSinceCheckpoint: tail,
      checkpoints: log?.counters.checkpoints ?? 0,
      failedCheckpoints: log?.counters.failedCheckpoints ?? 0,
      failedDeletes: log?.counters.failedDeletes ?? 0,
      pendingDeletes: this.#deletes.pending,
      droppedRecords,
      removedObjects,
    }
  }

  /**
   * Waits for the calls under way, lets another writer in, and wipes the keys. A `retrieveStream` that has not ended throws
   * STT_CLOSED. May be called again.
   *
   * Rejects with `STT_INVALID_STATE` inside a source that is being stored, which would wait for itself.
   */
  close(): Promise<void> {
    if (!this.#closed && this.#writes.isCalledFromWithin) {
      const message = 'a source that is being stored cannot close its chamber: close() waits for the end of the store'
      return Promise.reject(new SttError('STT_INVALID_STATE', message))
    }
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(): Promise<void> {
    const { log, unlocked, release } = this.#opened
    await Promise.all([this.#writes.idle(), this.#rewraps.idle(), Promise.allSettled(this.#retrieves)])
    await log?.idle()
    this.#closed = true
    await this.#deletes.deleteAll()
    forget(unlocked)
    await release()
  }

  #checkOpen(): void {
    if (this.#closing) throw closed()
  }

  #openWriter(): ObjectWriter {
    if (this.#writer) return this.#writer
    throw new SttError('STT_INVALID_STATE', 'the chamber was opened with readOnly: true; a writer opens it without')
  }
}

function encodeMetadata(metadata: Encodable | undefined): Uint8Array<ArrayBuffer> | undefined {
  if (metadata === undefined) return undefined
  const encoded = encode(metadata)
  if (encoded.length <= MAX_METADATA) return encoded
  const message = `the metadata has ${encoded.length} bytes, more than ${MAX_METADATA}; store it as an object`
  throw new SttError('STT_LIMIT', message)
}

const MAX_METADATA = 65_536
const MAX_RETRIEVED = 2 ** 30
