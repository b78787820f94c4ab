import { randomBytes, toHex } from '@stt/crypto'
import { bytesOf, SttError } from '@stt/errors'
import { checkPutOptions, checkRange, checkSource, checkText } from '../arguments.ts'
import type { ChamberStore, PutOptions, StoreRange } from '../chamber-store.ts'
import { checkName } from '../names.ts'
import {
  completed,
  type Database,
  type Key,
  keysBetween,
  type ObjectStore,
  openDatabase,
  type Range,
  resultOf,
} from './database.ts'
import { takeLock } from './scope-lock.ts'

/** The entry of an object, whose pieces have the keys `[scope, id, 0]`, `[scope, id, 1]` and so on. */
interface Stored {
  readonly id: string
  readonly length: number
}

export interface IndexedDbChamberStore extends ChamberStore {
  /** Closes the database, so that another page can delete it. A later call opens it again. */
  close(): Promise<void>
}

/**
 * A store for pages, in a database that all tabs of an origin share, and which the store makes under the given name. Needs a
 * secure context: https, or localhost. A browser may delete an origin's data, and then all of it, unless
 * `navigator.storage.persist()` was granted.
 */
export const IndexedDbChamberStore: new (name: string) => IndexedDbChamberStore = class IndexedDbChamberStore
  implements ChamberStore
{
  readonly #name: string
  #database: Promise<Database> | undefined

  constructor(name: string) {
    checkText(name, 'the name of the database')
    this.#name = name
  }

  async get(name: string, range?: StoreRange): Promise<AsyncIterable<Uint8Array> | undefined> {
    checkName(name)
    const { start, end } = checkRange(range)
    const found = await this.#read(OBJECTS, name)
    if (found === undefined) return undefined
    const { id, length } = found as Stored
    return this.#pieces([scopeOf(name), id], start, Math.min(end, length))
  }

  async putIfAbsent(name: string, source: AsyncIterable<Uint8Array>, options: PutOptions): Promise<boolean> {
    checkName(name)
    checkSource(source)
    const { durable } = checkPutOptions(options)
    const id = toHex(randomBytes(16))
    const object: [string, string] = [scopeOf(name), id]
    let count = 0
    let length = 0
    let last: Uint8Array | undefined
    try {
      for await (const piece of ofOneLength(source)) {
        // The last piece and the name share a transaction: an object of one piece takes only one.
        if (last) await this.#addPiece(last, [...object, count++], durable)
        last = piece
        length += piece.length
      }
      const isNew = await this.#write(durable, async ({ objects, pieces }) => {
        if ((await resultOf(objects.get(name))) !== undefined) return false
        // A new lock on the scope deletes pieces without a name, those written so far among them.
        if ((await resultOf(pieces.count(piecesOf(object)))) !== count) throw takenOver()
        if (last) pieces.add(last, [...object, count])
        objects.add({ id, length } satisfies Stored, name)
        return true
      })
      if (!isNew && count > 0) await this.#deletePieces(object)
      return isNew
    } catch (error) {
      if (count > 0) await this.#deletePieces(object)
      throw error
    }
  }

  async delete(name: string): Promise<void> {
    checkName(name)
    await this.#write(false, async ({ objects, pieces }) => {
      const found = (await resultOf(objects.get(name))) as Stored | undefined
      if (!found) return
      objects.delete(name)
      pieces.delete(piecesOf([scopeOf(name), found.id]))
    })
  }

  async *list(prefix: string): AsyncIterable<string> {
    checkText(prefix, 'prefix')
    yield* this.#keys<string>(OBJECTS, prefix, `${prefix}\uffff`)
  }

  /** Also deletes the pieces that a closed tab left without a name. */
  async lock(scope: string): Promise<() => Promise<void>> {
    checkName(`${scope}/x`)
    const release = await takeLock(`stt chamber ${JSON.stringify([this.#name, scope])}`)
    try {
      await this.#clearUnfinished(scope)
    } catch (error) {
      await release()
      throw error
    }
    return release
  }

  async close(): Promise<void> {
    const database = this.#database
    this.#database = undefined
    ;(await database)?.close()
  }

  async *#pieces(object: readonly Key[], start: number, end: number): AsyncGenerator<Uint8Array, void, undefined> {
    for (let at = start; at < end; ) {
      const index = Math.floor(at / PIECE)
      const piece = (await this.#read(PIECES, [...object, index])) as Uint8Array | undefined
      if (!piece) throw new SttError('STT_CHAMBER_STORE', 'the object was deleted while it was read')
      const next = Math.min((index + 1) * PIECE, end)
      yield piece.subarray(at - index * PIECE, next - index * PIECE)
      at = next
    }
  }

  async *#keys<K extends Key>(store: string, lower: Key, upper: Key): AsyncGenerator<K, void, undefined> {
    for (let range = keysBetween(lower, upper); ; ) {
      const transaction = (await this.#open()).transaction([store], 'readonly')
      const keys = await resultOf(transaction.objectStore(store).getAllKeys(range, MANY))
      yield* keys as K[]
      if (keys.length < MANY) return
      range = keysBetween(keys.at(-1)!, upper, true)
    }
  }

  #addPiece(piece: Uint8Array, key: Key, durable: boolean): Promise<void> {
    return this.#write(durable, ({ pieces }) => void pieces.add(piece, key))
  }

  #deletePieces(object: [string, string]): Promise<void> {
    return this.#write(false, ({ pieces }) => void pieces.delete(piecesOf(object)))
  }

  async #clearUnfinished(scope: string): Promise<void> {
    const named = new Set<string>()
    for await (const name of this.list(`${scope}/`)) named.add(((await this.#read(OBJECTS, name)) as Stored).id)
    const unfinished = new Set<string>()
    // Arrays come after every text.
    for await (const [, id] of this.#keys<[string, string, number]>(PIECES, [scope], [scope, []]))
      if (!named.has(id)) unfinished.add(id)
    for (const id of unfinished) await this.#deletePieces([scope, id])
  }

  async #read(store: string, key: Key): Promise<unknown> {
    const transaction = (await this.#open()).transaction([store], 'readonly')
    return resultOf(transaction.objectStore(store).get(key))
  }

  /** @param use may wait for requests of the transaction, and for nothing else */
  async #write<T>(durable: boolean, use: (stores: Stores) => T | Promise<T>): Promise<T> {
    const database = await this.#open()
    const durability = durable ? 'strict' : 'relaxed'
    const transaction = database.transaction([OBJECTS, PIECES], 'readwrite', { durability })
    const stores = { objects: transaction.objectStore(OBJECTS), pieces: transaction.objectStore(PIECES) }
    try {
      const [result] = await Promise.all([use(stores), completed(transaction)])
      return result
    } catch (error) {
      throw isFull(error) ? full(error) : error
    }
  }

  #open(): Promise<Database> {
    this.#database ??= openDatabase(this.#name, [OBJECTS, PIECES]).then(
      database => {
        const forget = (): void => {
          this.#database = undefined
        }
        // Another page deletes the database, and must not wait for this tab.
        database.onversionchange = () => {
          database.close()
          forget()
        }
        database.onclose = forget
        return database
      },
      error => {
        this.#database = undefined
        throw error
      },
    )
    return this.#database
  }
}

interface Stores {
  readonly objects: ObjectStore
  readonly pieces: ObjectStore
}

/** The bytes of a source in copies of `PIECE` bytes, of which only the last may be shorter. */
async function* ofOneLength(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  let piece = new Uint8Array(PIECE)
  let length = 0
  for await (const part of source) {
    for (let rest = bytesOf(part, 'a piece of an object'); rest.length > 0; ) {
      const taken = rest.subarray(0, PIECE - length)
      piece.set(taken, length)
      length += taken.length
      rest = rest.subarray(taken.length)
      if (length < PIECE) continue
      yield piece
      piece = new Uint8Array(PIECE)
      length = 0
    }
  }
  if (length > 0) yield piece.slice(0, length)
}

const scopeOf = (name: string): string => name.slice(0, name.indexOf('/'))
const piecesOf = (object: readonly [string, string]): Range => keysBetween(object, [...object, []])
const isFull = (error: unknown): boolean => error instanceof Error && error.name === 'QuotaExceededError'

const full = (cause: unknown): SttError =>
  new SttError(
    'STT_CHAMBER_STORE',
    'the browser gives this page no more space: delete something here, or free some on the disk, and try again',
    { cause, details: { code: 'EDQUOT' } },
  )

const takenOver = (): SttError =>
  new SttError('STT_CHAMBER_LOCKED', 'another tab has taken this chamber over; open it again')

const OBJECTS = 'objects'
const PIECES = 'pieces'
const PIECE = 524_288
/** How many keys are read at once. */
const MANY = 1_000
