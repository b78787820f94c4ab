import type { ChamberStore, PutOptions } from '../store/chamber-store.ts'
import { check, checkBytes, checkRejects, drain, failing, names, numbered, pieces } from './checks.ts'

/** One rule that every `ChamberStore` has to keep. */
export interface ChamberStoreRule {
  /** The rule, as the title of a test. */
  readonly name: string
  /**
   * Throws an error that says what is wrong.
   *
   * @param open makes an empty store
   */
  check(open: () => Promise<ChamberStore>): Promise<void>
}

/**
 * The rules that a chamber relies on, for the tests of any store:
 *
 * ```ts
 * for (const rule of chamberStoreRules) test(rule.name, () => rule.check(async () => new MyStore()))
 * ```
 */
export const chamberStoreRules: readonly ChamberStoreRule[] = [
  ...withBothDurabilities('gives back what was put, whatever its length and its pieces', async (store, options) => {
    for (const length of [0, 1, 100, 65_536, 300_001]) {
      const bytes = numbered(length)
      check(await store.putIfAbsent(`a/x.${length}`, pieces(bytes, 70_000), options), 'a free name is written')
      checkBytes(await drain(await store.get(`a/x.${length}`)), bytes)
    }
  }),
  ...withBothDurabilities('gives ranges, cut at the end of the object', async (store, options) => {
    const bytes = numbered(300_000)
    await store.putIfAbsent('a/x', pieces(bytes, 300_000), options)
    for (const [start, end] of [
      [0, 1],
      [5, 5],
      [99_999, 200_001],
      [299_999, 300_000],
      [299_990, 900_000],
      [300_000, 300_001],
      [0, Number.MAX_SAFE_INTEGER],
    ] as const) {
      checkBytes(await drain(await store.get('a/x', { start, end })), bytes.subarray(start, end))
    }
  }),
  ...withBothDurabilities('writes a name once', async (store, options) => {
    check(await store.putIfAbsent('a/x', pieces(numbered(9), 9), options), 'the first put is true')
    check(!(await store.putIfAbsent('a/x', pieces(numbered(5), 5), options)), 'the second put is false')
    checkBytes(await drain(await store.get('a/x')), numbered(9))
  }),
  ...withBothDurabilities('lets one of many writers of a name win, with all of its bytes', async (store, options) => {
    const lengths = [40_000, 1, 90_000, 0, 70_000, 300, 12, 65_537]
    const won = await Promise.all(
      lengths.map(length => store.putIfAbsent('a/x', pieces(numbered(length), 1_000), options)),
    )
    check(won.filter(Boolean).length === 1, `${won.filter(Boolean).length} of the writers were told that they won`)
    checkBytes(await drain(await store.get('a/x')), numbered(lengths[won.indexOf(true)]!))
  }),
  ...withBothDurabilities('leaves nothing of a source that fails', async (store, options) => {
    await checkRejects(() => store.putIfAbsent('a/x', failing(numbered(100_000)), options), 'a failing source')
    check((await store.get('a/x')) === undefined, 'there is nothing under the name')
    check((await names(store, '')).length === 0, 'nothing is listed')
    check(await store.putIfAbsent('a/x', pieces(numbered(3), 3), options), 'the name is still free')
  }),
  ...withBothDurabilities('lets a source reuse the memory of its pieces', async (store, options) => {
    await store.putIfAbsent('a/x', reusing(), options)
    checkBytes(await drain(await store.get('a/x')), Uint8Array.of(1, 1, 2, 2, 3, 3))
  }),
  rule('gives undefined for a name that is free', async store => {
    check((await store.get('a/x')) === undefined, 'before anything was put')
    await store.putIfAbsent('a/y', pieces(numbered(1), 1), DURABLE)
    check((await store.get('a/x')) === undefined, 'beside another name')
    check((await store.get('a/y/z')) === undefined, 'beneath another name')
  }),
  rule('deletes, also what is not there, and the name is free again', async store => {
    await store.delete('a/x')
    await store.putIfAbsent('a/x', pieces(numbered(4), 4), DURABLE)
    await store.delete('a/x')
    check((await store.get('a/x')) === undefined, 'it is gone')
    check((await names(store, '')).length === 0, 'it is not listed')
    check(await store.putIfAbsent('a/x', pieces(numbered(2), 2), DURABLE), 'it can be put again')
    checkBytes(await drain(await store.get('a/x')), numbered(2))
  }),
  rule('lists the names that begin with a prefix', async store => {
    const all = ['a/log/1', 'a/log/10', 'a/log/2', 'a/obj/xyz.1', 'b/log/1']
    for (const name of all) await store.putIfAbsent(name, pieces(numbered(1), 1), DURABLE)
    const expectations: Record<string, string[]> = {
      '': all,
      'a/': all.slice(0, 4),
      'a/log/': all.slice(0, 3),
      'a/log/1': all.slice(0, 2),
      'a/lo': all.slice(0, 3),
      'c/': [],
    }
    for (const [prefix, expected] of Object.entries(expectations)) {
      const found = await names(store, prefix)
      check(found.join() === expected.join(), `list('${prefix}') gave ${found.join()}, not ${expected.join()}`)
    }
  }),
  rule('can be left within an iteration', async store => {
    await store.putIfAbsent('a/x', pieces(numbered(900_000), 900_000), DURABLE)
    for await (const piece of (await store.get('a/x'))!) {
      check(piece.length > 0, 'a piece has bytes')
      break
    }
    checkBytes(await drain(await store.get('a/x')), numbered(900_000))
  }),
  rule('refuses names that are not plain', async store => {
    for (const name of ['', 'x', '../x', 'a/../x', 'a//x', '/a/x', 'a/.x', 'a/x/', 'A/x', 'a/ä', 'a/x\0', 'a\\x/y']) {
      const what = JSON.stringify(name)
      await checkRejects(() => store.putIfAbsent(name, pieces(numbered(1), 1), DURABLE), `putting ${what}`)
      await checkRejects(() => store.get(name), `getting ${what}`)
      await checkRejects(() => store.delete(name), `deleting ${what}`)
    }
  }),
  rule('has one writer for each scope at a time', async store => {
    const release = await store.lock('a')
    await checkRejects(() => store.lock('a'), 'a second lock', 'STT_CHAMBER_LOCKED')
    const other = await store.lock('b')
    await release()
    const again = await store.lock('a')
    await release()
    await checkRejects(() => store.lock('a'), 'a lock after an old one was released twice', 'STT_CHAMBER_LOCKED')
    await again()
    await other()
  }),
  rule('gives a contested lock to exactly one', async store => {
    const attempts = await Promise.allSettled(Array.from({ length: 6 }, () => store.lock('a')))
    const won = attempts.filter(({ status }) => status === 'fulfilled')
    check(won.length === 1, `${won.length} of 6 got the lock`)
    await (won[0] as PromiseFulfilledResult<() => Promise<void>>).value()
    await (await store.lock('a'))()
  }),
  rule('shows no locks among its names', async store => {
    const release = await store.lock('a')
    check((await names(store, '')).length === 0, 'nothing is listed')
    await release()
  }),
]

function rule(name: string, use: (store: ChamberStore) => Promise<void>): ChamberStoreRule {
  return { name, check: async open => use(await open()) }
}

function withBothDurabilities(
  name: string,
  use: (store: ChamberStore, options: PutOptions) => Promise<void>,
): ChamberStoreRule[] {
  return [
    rule(name, store => use(store, DURABLE)),
    rule(`${name} (not durable)`, store => use(store, { durable: false })),
  ]
}

async function* reusing(): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  const piece = new Uint8Array(2)
  for (const value of [1, 2, 3]) yield piece.fill(value)
}

const DURABLE: PutOptions = { durable: true }
