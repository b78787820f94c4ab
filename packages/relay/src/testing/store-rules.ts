import type { OwnedName } from '@stt/rendezvous/server'
import type { Presence, RelayStore, Share, StoredRecord, StoreWatcher } from '../store/relay-store.ts'

/** An empty store in a test's own time. */
export interface RelayStoreSubject {
  /** The store to test. */
  readonly store: RelayStore
  /** Moves the store's time on. */
  advance(seconds: number): Promise<void>
}

/** One rule that every `RelayStore` has to keep. */
export interface RelayStoreRule {
  /** Ends the sentence "a store …". */
  readonly name: string
  /**
   * Rejects with an Error that says how the store breaks the rule.
   *
   * @param open makes an empty store
   */
  check(open: () => Promise<RelayStoreSubject>): Promise<void>
}

/**
 * The rules that a relay relies on, for the tests of any store:
 *
 * ```ts
 * for (const rule of relayStoreRules) test(rule.name, () => rule.check(open))
 * ```
 */
export const relayStoreRules: readonly RelayStoreRule[] = [
  rule('gives the instance of the first name under which a node listens', async ({ store }) => {
    same(await store.put(presence(A, [1, 2])), [true, true], 'free names are kept')
    await store.put(presence(B, [3], { owner: 2 }))
    same(await store.get([mailbox(9), mailbox(3)]), B, 'the second of the names')
    same(await store.get([mailbox(2), mailbox(3)]), A, 'the first of the names')
    same(await store.get([mailbox(9)]), undefined, 'a name that no node has')
    same(await store.get([]), undefined, 'no name')
  }),
  rule('forgets a presence when its time is over, and not when it was said again', async ({ store, advance }) => {
    await store.put(presence(A, [1, 2]))
    await advance(60)
    await store.put(presence(A, [1]))
    await advance(31)
    same(await store.get([mailbox(2)]), undefined, 'after 91 s')
    same(await store.get([mailbox(1)]), A, '31 s after it was said again')
    await advance(60)
    same(await store.get([mailbox(1)]), undefined, 'after 91 s too')
  }),
  rule('keeps a name for its owner, and gives others their own names', async ({ store, advance }) => {
    await store.put(presence(A, [1]))
    same(await store.put(presence(B, [1, 2], { owner: 2 })), [false, true], 'of another owner')
    same(await store.get([mailbox(1)]), A, 'the name')
    await advance(91)
    same(await store.put(presence(B, [1], { owner: 2 })), [true], 'once the first one is gone')
    same(await store.get([mailbox(1)]), B, 'the name')
  }),
  rule('follows an owner who listens at another instance', async ({ store }) => {
    await store.put(presence(A, [1]))
    same(await store.put(presence(B, [1])), [true], 'of the same owner')
    same(await store.get([mailbox(1)]), B, 'the name')
  }),
  rule('reserves the name of a node that left for its owner, and leads no client there', async ({ store, advance }) => {
    await store.put(presence(A, [1]))
    await store.put(presence(A, [1], { isHere: false, seconds: 30 }))
    same(await store.get([mailbox(1)]), undefined, 'who left is not there')
    same(await store.put(presence(B, [1], { owner: 2 })), [false], 'of another owner')
    await advance(31)
    same(await store.put(presence(B, [1], { owner: 2 })), [true], 'of another owner 31 s later')
  }),
  rule('does not let an instance take out a node that has moved on, or that never was there', async ({ store }) => {
    await store.put(presence(A, [1]))
    await store.put(presence(B, [1]))
    await store.put(presence(A, [1, 2], { isHere: false, seconds: 30 }))
    same(await store.get([mailbox(1)]), B, 'who has moved on')
    same(await store.put(presence(B, [2], { owner: 2 })), [true], 'a name that no node had')
  }),
  rule('tells an instance that a name of it is wanted, or has moved', async ({ store }) => {
    const heard = new Heard()
    const stop = store.watch(A, heard)
    await heard.working
    await store.put(presence(A, [1, 2]))
    await store.put(presence(B, [1], { owner: 2 }))
    await heard.until(1)
    await store.put(presence(B, [2]))
    await heard.until(2)
    // An instance hears no news of what it does itself.
    await store.put(presence(A, [1]))
    await store.put(presence(A, [1], { owner: 2 }))
    await store.put(presence(A, [1], { isHere: false, seconds: 30 }))
    await store.put(presence(B, [1], { owner: 2 }))
    await store.put(presence(B, [1]))
    await store.put(presence(A, [3]))
    await store.put(presence(B, [3]))
    await heard.until(3)
    const expected = [
      ['contested', mailbox(1)],
      ['moved', mailbox(2)],
      ['moved', mailbox(3)],
    ]
    same(heard.news, expected, 'what was heard')
    stop()
    await store.put(presence(A, [4]))
    await store.put(presence(B, [4]))
    same(heard.news.length, 3, 'what was heard after the end')
  }),
  rule('gives the records of a topic, the last one of each slot', async ({ store }) => {
    same(await store.members(topic(1)), [], 'an empty topic')
    same(await store.put(record(1, 1, { fill: 1 })), [true], 'a record')
    await store.put(record(1, 2, { fill: 2, size: 1_024 }))
    await store.put(record(2, 1, { fill: 3 }))
    await store.put(record(1, 1, { fill: 4 }))
    const found = await store.members(topic(1))
    same(bySlot(found), [[slot(1), 544, 4], [slot(2), 1_024, 2]], 'the topic') // biome-ignore format: a table
    await store.put(record(1, 1, { seconds: 0 }))
    same(bySlot(await store.members(topic(1))), [[slot(2), 1_024, 2]], 'the topic without what was taken out')
    same(await store.put(record(1, 9, { seconds: 0 })), [true], 'what was not there is taken out too')
  }),
  rule('forgets each record when its time is over', async ({ store, advance }) => {
    await store.put(record(1, 1, { seconds: 20 }))
    await store.put(record(1, 2, { seconds: 300 }))
    await advance(22)
    same(bySlot(await store.members(topic(1))), [[slot(2), 544, 1]], 'after 22 s')
    await advance(280)
    same(await store.members(topic(1)), [], 'after 302 s')
  }),
  rule('leaves what a slot has where that is asked for', async ({ store }) => {
    same(await store.put(record(1, 1, { fill: 1, isAgain: true })), [true], 'into a free slot')
    same(await store.put(record(1, 1, { fill: 2, isAgain: true })), [true], 'into one that has a record')
    same(bySlot(await store.members(topic(1))), [[slot(1), 544, 1]], 'the topic')
  }),
  rule('keeps 64 records of a topic, and refreshes those', async ({ store }) => {
    for (let i = 0; i < 64; i++) same(await store.put(record(1, i, { address: `192.0.2.${i}` })), [true], 'one of 64')
    same(await store.put(record(1, 64, { address: '198.51.100.1' })), [false], 'the 65th')
    same(await store.put(record(1, 65, { address: undefined })), [false], 'one of an address that many share')
    same(await store.put(record(1, 5, { address: '192.0.2.5', fill: 7 })), [true], 'a refreshed one')
    same((await store.members(topic(1))).length, 64, 'the topic')
  }),
  rule(
    'lets the oldest record of the address that has most of a full topic give way to an address with fewer',
    async ({ store }) => {
      for (let i = 0; i < 63; i++) await store.put(record(1, i, { address: 'many' }))
      await store.put(record(1, 63, { address: 'one' }))
      await store.put(record(1, 0, { address: 'many' }))
      same(await store.put(record(1, 64, { address: 'many' })), [false], 'who has most')
      same(await store.put(record(1, 65, { address: 'other' })), [true], 'who has none')
      const slots = (await store.members(topic(1))).map(each => [...each.slot].join())
      const has = (number: number): boolean => slots.includes([...slot(number)].join())
      same([slots.length, has(0), has(1), has(2), has(63), has(65)], [64, true, false, true, true, true], 'the topic')
      // A record that gave way or expired makes room for another one of its address.
      same(await store.put(record(2, 1, { address: 'many', most: 63 })), [true], 'another topic')
    },
  ),
  rule('keeps no more records of an address than it may have', async ({ store, advance }) => {
    const of = { address: '192.0.2.1', most: 3 }
    for (let i = 0; i < 3; i++) same(await store.put(record(i, i, { ...of, seconds: 100 })), [true], 'one of three')
    same(await store.put(record(3, 3, of)), [false], 'the fourth')
    same(await store.put(record(0, 0, of)), [true], 'a refreshed one')
    same(await store.put(record(3, 3, { ...of, address: '192.0.2.2' })), [true], 'one of another address')
    await store.put(record(1, 1, { ...of, seconds: 0 }))
    same(await store.put(record(4, 4, of)), [true], 'one in place of what was taken out')
    // A record belongs to the address that refreshed it last.
    await store.put(record(2, 2, { ...of, address: '192.0.2.3' }))
    same(await store.put(record(5, 5, of)), [true], 'one in place of what another address has now')
    await advance(302)
    for (let i = 0; i < 3; i++) same(await store.put(record(i, i, of)), [true], 'one of three in place of what ended')
  }),
  rule('counts the shares of an address up to what it may have, each once', async ({ store, advance }) => {
    same(await store.count(share(1)), 1, 'the first')
    same(await store.count(share(1)), 1, 'the same one again')
    same(await store.count(share(2)), 2, 'the second')
    same(await store.count(share(3)), 3, 'one too many')
    same(await store.count(share(2)), 2, 'one of those that count')
    same(await store.count(share(3, { kind: 'circuits' })), 1, 'of another kind')
    same(await store.count(share(3, { address: '192.0.2.2' })), 1, 'of another address')
    same(await store.count(share(1, { seconds: 0 })), 1, 'one that is taken out')
    same(await store.count(share(3)), 2, 'one in its place')
    await advance(60)
    same(await store.count(share(3)), 2, 'one that goes on')
    await advance(31)
    same(await store.count(share(4)), 2, 'one in place of what ended')
  }),
  rule('does as many calls at once as come', async ({ store }) => {
    const numbers = Array.from({ length: 200 }, (_, i) => i)
    const puts = await Promise.all(numbers.map(number => store.put(presence(number % 2 ? A : B, [number]))))
    same(puts.flat().filter(Boolean).length, 200, 'names that are kept')
    const found = await Promise.all(numbers.map(number => store.get([mailbox(number)])))
    same(found, numbers.map(number => (number % 2 ? A : B)), 'where they are') // biome-ignore format: one line
    const counted = await Promise.all(numbers.map(number => store.count(share(number, { most: 100 }))))
    same(counted.filter(count => count <= 100).length, 100, 'shares that count')
  }),
]

function rule(name: string, run: (subject: RelayStoreSubject) => Promise<void>): RelayStoreRule {
  return {
    name,
    async check(open) {
      await run(await open())
    },
  }
}

const A = 'wss://relay.example/a'
const B = 'wss://relay.example:8443/b'

const filled = (size: number, number: number): Uint8Array =>
  new Uint8Array(size).fill(number % 251).fill(number >> 4, 0, 2)
const mailbox = (number: number): Uint8Array => filled(32, number)
const topic = (number: number): Uint8Array => filled(32, number + 100)
const slot = (number: number): Uint8Array => filled(16, number)

function presence(
  instance: string,
  names: readonly number[],
  { owner = 1, isHere = true, seconds = 90 }: { owner?: number; isHere?: boolean; seconds?: number } = {},
): Presence {
  const owned = names.map((name): OwnedName => ({ mailbox: mailbox(name), owner: filled(16, owner) }))
  return { type: 'presence', names: owned, instance, isHere, seconds }
}

function record(
  inTopic: number,
  inSlot: number,
  given: Partial<StoredRecord> & { readonly fill?: number; readonly size?: number } = {},
): StoredRecord {
  const { fill = 1, size = 544, seconds = 150, most = 1_024, isAgain = false } = given
  const blob = seconds === 0 ? new Uint8Array(0) : new Uint8Array(size).fill(fill)
  const address = 'address' in given ? given.address : '192.0.2.1'
  return { type: 'record', topic: topic(inTopic), slot: slot(inSlot), blob, seconds, address, most, isAgain }
}

function share(number: number, given: Partial<Share> = {}): Share {
  return { kind: 'listeners', address: '192.0.2.1', member: filled(12, number), seconds: 90, most: 2, ...given }
}

const bySlot = (members: Awaited<ReturnType<RelayStore['members']>>): unknown[] =>
  members.map(each => [each.slot, each.blob.length, each.blob[0]]).sort(([a], [b]) => (plain(a) < plain(b) ? -1 : 1))

class Heard implements StoreWatcher {
  readonly news: [string, Uint8Array][] = []
  readonly working: Promise<void>
  #isWorking: () => void = () => {}
  #wake: () => void = () => {}

  constructor() {
    this.working = new Promise(resolve => {
      this.#isWorking = resolve
    })
  }

  onNews({ type, mailbox }: Parameters<StoreWatcher['onNews']>[0]): void {
    this.news.push([type, mailbox])
    this.#wake()
  }

  onState(problem: Error | undefined): void {
    if (!problem) this.#isWorking()
  }

  async until(count: number): Promise<void> {
    while (this.news.length < count) {
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
    }
  }
}

const plain = (value: unknown): string =>
  JSON.stringify(value, (_, each: unknown) => (each instanceof Uint8Array ? [...each] : each)) ?? 'nothing'

function same(found: unknown, expected: unknown, what: string): void {
  if (plain(found) === plain(expected)) return
  throw new Error(`the store breaks a rule: ${what} gives ${plain(found)}, not ${plain(expected)}`)
}
