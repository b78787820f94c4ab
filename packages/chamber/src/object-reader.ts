import { abortError, checkOptions, describe, isSttError, SttError } from '@stt/errors'
import { invalid, shown } from './failures.ts'
import type { Keyring } from './keys/keyring.ts'
import type { Entry } from './manifest/entry.ts'
import type { Follower } from './manifest/follower.ts'
import type { Manifest } from './manifest/load.ts'
import type { Log } from './manifest/log.ts'
import type { DeferredDeletes } from './objects/deferred-deletes.ts'
import { objectName } from './objects/name.ts'
import { ObjectStream } from './objects/object-stream.ts'
import { type Part, readObject } from './objects/read-object.ts'
import type { Counters } from './statistics.ts'
import type { StoreRange } from './store/chamber-store.ts'
import type { ScopedStore } from './store/scoped-store.ts'

/** A range of an object's bytes, which is the whole object unless `start` or `end` are given. */
export type ByteRange = Partial<StoreRange>

export interface ObjectReaderOptions {
  readonly store: ScopedStore
  readonly keyring: Keyring
  /** The log of a writer; undefined for a reader, which has a follower. */
  readonly log: Log | undefined
  readonly follower: Follower | undefined
  readonly deletes: DeferredDeletes
  readonly counters: Counters
  /** Throws when the chamber is closed. */
  readonly check: () => void
}

/** Finds and reads the objects of keys. */
export class ObjectReader {
  readonly #options: ObjectReaderOptions

  constructor(options: ObjectReaderOptions) {
    this.#options = options
  }

  /** The state that the log describes now. */
  async manifest(): Promise<Manifest> {
    const { log, follower } = this.#options
    return log ? log.manifest : follower!.refresh()
  }

  async find(key: string): Promise<Entry | undefined> {
    return (await this.manifest()).index.get(key)
  }

  /** The bytes of a key. Its object is not deleted before the stream ends. */
  async stream(key: string, range: ByteRange): Promise<{ entry: Entry; stream: ObjectStream } | undefined> {
    const { deletes, check } = this.#options
    checkRange(range)
    // No await between finding an object and retaining it: it could be deleted meanwhile.
    const entry = (await this.manifest()).index.get(key)
    if (!entry) return undefined
    const name = this.#nameOf(entry)
    deletes.retain(name)
    return { entry, stream: new ObjectStream(this.#read(entry, range), check, () => deletes.release(name)) }
  }

  async retrieve(key: string, maxBytes: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const found = await this.stream(key, {})
    if (!found) return undefined
    const { size } = found.entry
    if (size > maxBytes) {
      await found.stream.return()
      throw tooLarge(size, maxBytes)
    }
    let bytes = new Uint8Array(size)
    let length = 0
    for await (const piece of found.stream) {
      // A reader beside a writer may get a newer, larger object.
      if (length + piece.length > maxBytes) throw tooLarge(length + piece.length, maxBytes)
      if (length + piece.length > bytes.length) bytes = grown(bytes, length + piece.length)
      bytes.set(piece, length)
      length += piece.length
    }
    return bytes.subarray(0, length)
  }

  /** The error of a key whose object is damaged; undefined when it is genuine, or no longer there. */
  async damageOf(key: string, signal: AbortSignal | undefined): Promise<SttError | undefined> {
    for (;;) {
      const found = await this.stream(key, {})
      if (!found) return undefined
      try {
        for await (const _ of found.stream) if (signal?.aborted) break
        if (signal?.aborted) throw abortError(signal, 'verify')
        return undefined
      } catch (error) {
        if (isSttError(error, 'STT_CHAMBER_CORRUPT')) return error
        // A writer has replaced the object meanwhile.
        if (!isSttError(error, 'STT_TRUNCATED')) throw error
      }
    }
  }

  async *#read(entry: Entry, range: ByteRange): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
    const { store, keyring, counters } = this.#options
    counters.retrieves++
    let current = entry
    let given = 0
    for (;;) {
      const under = keyring.object(keyring.objectId(current.key), current.generation)
      try {
        for await (const piece of readObject(store, this.#nameOf(current), current, under, partOf(current, range))) {
          given += piece.length
          counters.bytesRetrieved += piece.length
          yield piece
        }
        return
      } catch (error) {
        current = await this.#successor(current, given, error)
      }
    }
  }

  /** A writer in another process does not know of this reader, and may delete the object. */
  async #successor(entry: Entry, given: number, error: unknown): Promise<Entry> {
    if (!this.#options.follower || !isSttError(error, 'STT_CHAMBER_CORRUPT')) throw error
    const next = await this.find(entry.key)
    if (next?.generation === entry.generation) throw error
    if (next && given === 0) return next
    const what = `the object of the key ${shown(entry.key)}`
    throw new SttError('STT_TRUNCATED', `${what} was replaced or deleted while it was read; read it again`)
  }

  #nameOf({ key, generation }: Entry): string {
    return objectName(this.#options.keyring.objectId(key), generation)
  }
}

function checkRange(range: ByteRange): void {
  checkOptions(range, 'retrieveStream', ['start', 'end'])
  const { start = 0, end = Number.MAX_SAFE_INTEGER } = range
  if (Number.isSafeInteger(start) && Number.isSafeInteger(end) && 0 <= start && start <= end) return
  throw invalid(`${describe(start)} to ${describe(end)} is not a range of bytes`)
}

function partOf({ size }: Entry, { start = 0, end = size }: ByteRange): Part {
  return { start: Math.min(start, size), end: Math.min(end, size) }
}

function grown(bytes: Uint8Array, least: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.max(least, 2 * bytes.length))
  larger.set(bytes)
  return larger
}

function tooLarge(size: number, maxBytes: number): SttError {
  const message = `the object has ${size} bytes or more, and maxBytes is ${maxBytes}; read it with retrieveStream()`
  return new SttError('STT_LIMIT', message)
}
