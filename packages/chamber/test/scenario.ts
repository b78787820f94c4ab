import { Chamber, type ChamberStore, FilesystemStore } from '../src/index.ts'
import type { Lock } from '../src/store/filesystem/filesystem-store.ts'
import type { Model } from './model.ts'
import { seededBytes } from './random.ts'
import type { SimulatedDisk } from './simulated-disk.ts'

export const options: { readonly id: string; readonly key: Uint8Array } = { id: 'the ledger', key: seededBytes(1, 32) }

/** The store, as tests make it. */
const Store = FilesystemStore as new (path: string, parts: { files: SimulatedDisk; lock: Lock }) => ChamberStore

export function openOn(
  disk: SimulatedDisk,
  more: { durability?: 'relaxed'; minimumTail?: number } = {},
): Promise<Chamber> {
  const store = new Store('/data/chambers', { files: disk, lock: async () => async () => {} })
  return Chamber.open({ ...options, minimumTail: 4, ...more, store })
}

/**
 * Stores, replaces and deletes, one after the other and several at once, with objects from nothing to two chunks, and enough
 * of them for several checkpoints. A call that fails is left at that, where `mayFail`.
 */
export async function runScenario(chamber: Chamber, model: Model, mayFail = false): Promise<void> {
  const attempt = async (call: Promise<void>): Promise<void> => (mayFail ? call.catch(() => {}) : call)
  const store = (key: string, seed: number, length: number): Promise<void> =>
    attempt(model.store(chamber, key, seededBytes(seed, length)))
  const storeStream = (key: string, seed: number, length: number): Promise<void> => {
    const bytes = seededBytes(seed, length)
    return attempt(model.store(chamber, key, bytes, inPieces(bytes, 9_000)))
  }

  await store('a', 1, 10)
  await store('b', 2, 0)
  await store('a', 3, 20)
  await attempt(model.delete(chamber, 'b'))
  await storeStream('c', 4, 20_000)
  await Promise.all([store('b', 5, 30), store('d', 6, 40), store('a', 7, 16_384), attempt(model.delete(chamber, 'c'))])
  await store('c', 8, 5)
  await Promise.all([store('a', 9, 1), storeStream('e', 10, 16_400)])
  await attempt(model.delete(chamber, 'a'))
  await store('a', 11, 12)
}

/** Rounds of calls for some of six keys at once, by chance: stores of all kinds, and deletes. */
export async function runAtRandom(chamber: Chamber, model: Model, random: () => number): Promise<void> {
  for (let round = 0; round < 15; round++) {
    const keys = ['a', 'b', 'c', 'd', 'e', 'f'].filter(() => random() < 0.5)
    await Promise.all(
      keys.map(key => {
        if (random() < 0.25) return model.delete(chamber, key)
        const bytes = seededBytes(Math.floor(random() * 1000), [0, 7, 300, 16_384, 16_500][Math.floor(random() * 5)]!)
        return model.store(chamber, key, bytes, random() < 0.5 ? bytes : inPieces(bytes, 6_000))
      }),
    )
  }
}

export async function* inPieces(bytes: Uint8Array, length: number): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length)
}
