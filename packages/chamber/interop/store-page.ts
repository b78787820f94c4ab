/** The page's program: stores in IndexedDB, steered by the test. */
import { Chamber } from '@stt/chamber'
import { IndexedDbChamberStore } from '@stt/chamber/indexed-db'
import { chamberStoreRules } from '@stt/chamber/testing'
import { isSttError } from '@stt/errors'
import { keysBetween, openDatabase, resultOf } from '../src/store/indexed-db/database.ts'

export interface StorePage {
  /** Checks a rule with new stores. @returns `kept`, or what is wrong */
  check(rule: number): Promise<string>
  /** Opens the chamber of the page, or goes on with it, and stores a text. @returns `kept`, or the code of the error */
  keep(key: string, text: string): Promise<string>
  read(key: string): Promise<string>
  /** Begins an object that never ends. @returns once so many bytes were taken */
  begin(size: number): Promise<void>
  countPieces(): Promise<number>
  /** @returns `kept`, or the error */
  lockOnce(): Promise<string>
  /** Writes an object of this size. @returns `kept`, or the error */
  fill(name: number, size: number): Promise<string>
  /** Of the objects that were filled. */
  sizes(): Promise<number[]>
}

const store = new IndexedDbChamberStore('page')
let chamber: Chamber | undefined
let stores = 0

export const page: StorePage = {
  async check(rule) {
    const opened: IndexedDbChamberStore[] = []
    try {
      await chamberStoreRules[rule]!.check(async () => {
        const one = new IndexedDbChamberStore(`rule ${rule} ${stores++}`)
        opened.push(one)
        return one
      })
      return 'kept'
    } catch (error) {
      return String(error)
    } finally {
      for (const each of opened) await each.close()
    }
  },
  async keep(key, text) {
    try {
      chamber ??= await open()
      await chamber.store(key, new TextEncoder().encode(text))
      return 'kept'
    } catch (error) {
      return isSttError(error) ? error.code : String(error)
    }
  },
  async read(key) {
    chamber ??= await open()
    return new TextDecoder().decode(await chamber.retrieve(key))
  },
  begin: size =>
    new Promise((resolve, reject) => {
      async function* endless(): AsyncGenerator<Uint8Array> {
        for (let sent = 0; sent < size; sent += 100_000) yield new Uint8Array(100_000)
        resolve()
        await new Promise(() => {})
      }
      store.putIfAbsent('begun/x', endless(), { durable: true }).catch(reject)
    }),
  async countPieces() {
    const database = await openDatabase('page', [])
    try {
      const pieces = database.transaction(['pieces'], 'readonly').objectStore('pieces')
      return (await resultOf(pieces.getAllKeys(keysBetween([], [[]]), 1_000))).length
    } finally {
      database.close()
    }
  },
  async lockOnce() {
    try {
      await (await store.lock('begun'))()
      return 'kept'
    } catch (error) {
      return isSttError(error) ? `${error.code}: ${error.message}` : String(error)
    }
  },
  async fill(name, size) {
    async function* bytes(): AsyncGenerator<Uint8Array> {
      const piece = new Uint8Array(65_536)
      for (let left = size; left > 0; left -= piece.length) {
        // Random bytes, which a database cannot compress.
        crypto.getRandomValues(piece)
        yield piece.subarray(0, left)
      }
    }
    try {
      await store.putIfAbsent(`filled/${name}`, bytes(), { durable: true })
      return 'kept'
    } catch (error) {
      return isSttError(error) ? `${error.code}: ${error.message}` : String(error)
    }
  },
  async sizes() {
    const sizes: number[] = []
    for await (const name of store.list('filled/')) {
      let size = 0
      for await (const piece of (await store.get(name))!) size += piece.length
      sizes.push(size)
    }
    return sizes
  },
}

const open = (): Promise<Chamber> => Chamber.open({ store, id: 'notes', key: new Uint8Array(32).fill(7) })
