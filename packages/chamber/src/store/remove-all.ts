import type { ScopedStore } from './scoped-store.ts'

/** Deletes all names, a few at a time. @returns how many could not be deleted */
export async function removeAll(store: ScopedStore, names: Iterable<string>): Promise<number> {
  const iterator = names[Symbol.iterator]()
  let failed = 0
  const work = async (): Promise<void> => {
    for (let next = iterator.next(); !next.done; next = iterator.next()) {
      await store.delete(next.value).catch(() => failed++)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return failed
}

const AT_ONCE = 16
