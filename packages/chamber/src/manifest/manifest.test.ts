import { sealChunks } from '@stt/crypto'
import { encode } from '@stt/serialize'
import { expect, test } from 'vitest'
import { seededBytes } from '../../test/random.ts'
import { collectUpTo, once } from '../bytes.ts'
import {
  Chamber,
  type ChamberAnchor,
  type ChamberHead,
  type ChamberOptions,
  type ChamberStore,
  MemoryStore,
} from '../index.ts'
import { Keyring, scopeOf } from '../keys/keyring.ts'

const id = 'm'
const key: Uint8Array = seededBytes(8, 32)

function open(store: ChamberStore, more: Partial<ChamberOptions> = {}): Promise<Chamber> {
  return Chamber.open({ id, key, store, minimumTail: 4, ...more } as ChamberOptions)
}

async function names(store: ChamberStore, folder: string): Promise<string[]> {
  const found: string[] = []
  for await (const name of store.list(`${scopeOf(id)}/${folder}/`)) found.push(name.split('/').at(-1)!)
  return found.sort((a, b) => Number(a) - Number(b))
}

async function copyOf(store: ChamberStore): Promise<MemoryStore> {
  const copy = new MemoryStore()
  for await (const name of store.list('')) await copy.putIfAbsent(name, (await store.get(name))!, { durable: true })
  return copy
}

function anchorOf(): ChamberAnchor & { saved: ChamberHead | undefined; saves: number } {
  return {
    saved: undefined,
    saves: 0,
    async load() {
      return this.saved
    },
    async save(head) {
      this.saved = head
      this.saves++
    },
  }
}

// spec: STT-CHA-14
test('checkpoints take the place of records, and the log stays as short as the chamber is small', async () => {
  const store = new MemoryStore()
  const chamber = await open(store)
  let longest = 0
  for (let i = 0; i < 60; i++) {
    await chamber.store(`${i % 3}`, Uint8Array.of(i))
    longest = Math.max(longest, (await names(store, 'log')).length)
  }
  await chamber.close()
  expect(longest).toBeLessThanOrEqual(11)
  expect((await names(store, 'cp')).length).toBe(1)
  const again = await open(store)
  expect(await again.list()).toEqual(['0', '1', '2'])
  expect(await again.retrieve('2')).toEqual(Uint8Array.of(59))
  expect(again.getStatistics().operationsSinceCheckpoint).toBeLessThanOrEqual(6)
  await again.close()
})

// spec: STT-CHA-14
test('a chamber of many keys writes a checkpoint only after as many operations', async () => {
  const store = new MemoryStore()
  const chamber = await open(store, { minimumTail: 1 })
  for (let i = 0; i < 100; i++) await chamber.store(`${i}`, Uint8Array.of(i))
  const { checkpoints } = chamber.getStatistics()
  for (let i = 0; i < 99; i++) await chamber.store(`${i}`, Uint8Array.of(i))
  expect(chamber.getStatistics().checkpoints - checkpoints).toBeLessThanOrEqual(2)
  expect(checkpoints).toBeLessThanOrEqual(8)
  await chamber.close()
})

test('calls that come together share a record; one that fails is alone', async () => {
  const store = new MemoryStore()
  const chamber = await open(store, { minimumTail: 10_000 })
  await Promise.all(Array.from({ length: 300 }, (_, i) => chamber.store(`${i}`, Uint8Array.of(i))))
  expect(chamber.getStatistics().records).toBeLessThan(30)
  await chamber.close()
  const again = await open(store)
  expect((await again.list()).length).toBe(300)
  await again.close()
})

test('records stay within their bound, however large keys and metadata are', async () => {
  const store = new MemoryStore()
  const chamber = await open(store, { minimumTail: 10_000 })
  const large = (i: number): string => `${i}`.padEnd(60_000, 'é'.repeat(2))
  const metadata = new Uint8Array(60_000)
  const keys = Array.from({ length: 40 }, (_, i) => large(i).slice(0, 30_000))
  await Promise.all(keys.map(each => chamber.store(each, new Uint8Array(1), { metadata })))
  await chamber.close()
  const again = await open(store)
  expect(await again.list()).toEqual([...keys].sort())
  await again.close()
})

// spec: STT-CHA-15
test('with an anchor, an older copy of the chamber is refused, and so is none', async () => {
  const anchor = anchorOf()
  const store = new MemoryStore()
  const chamber = await open(store, { anchor })
  await chamber.store('a', Uint8Array.of(1))
  expect(anchor.saved?.sequence).toBe(1)
  const old = await copyOf(store)
  const fork = await copyOf(store)
  await chamber.store('a', Uint8Array.of(2))
  await chamber.close()

  const forked = await open(fork)
  await forked.store('a', Uint8Array.of(3))
  await forked.close()
  for (const other of [old, fork, new MemoryStore()]) {
    await expect(open(other, { anchor })).rejects.toMatchObject({ code: 'STT_CHAMBER_CORRUPT' })
  }
  const again = await open(store, { anchor })
  for (let i = 0; i < 10; i++) await again.store('a', Uint8Array.of(i))
  await again.close()
  expect(anchor.saved?.sequence).toBe(12)
  // An anchor that is a record or two behind is what a crash before `save` leaves.
  const behind = anchorOf()
  behind.saved = { sequence: 3, commitment: new Uint8Array(32) }
  await (await open(store, { anchor: behind })).close()
})

test('an anchor that cannot be saved or loaded is a typed error, and takes nothing', async () => {
  const store = new MemoryStore()
  const anchor = anchorOf()
  const chamber = await open(store, { anchor })
  anchor.save = async () => {
    throw new Error('no network')
  }
  await expect(chamber.store('a', Uint8Array.of(1))).rejects.toMatchObject({ code: 'STT_CHAMBER_STORE' })
  await expect(chamber.store('b', Uint8Array.of(1))).rejects.toMatchObject({ code: 'STT_CHAMBER_STORE' })
  await chamber.close()
  const again = await open(store)
  expect(await again.retrieve('a')).toEqual(Uint8Array.of(1))
  await again.close()
  const load = async (): Promise<ChamberHead> => {
    throw new Error('no network')
  }
  await expect(open(store, { anchor: { ...anchor, load } })).rejects.toMatchObject({ code: 'STT_CHAMBER_STORE' })
  const confused = async (): Promise<ChamberHead> => ({ sequence: '1' }) as never
  const opening = open(store, { anchor: { ...anchor, load: confused } })
  await expect(opening).rejects.toMatchObject({ code: 'STT_INVALID_ARGUMENT' })
  await (await open(store)).close()
})

// spec: STT-CHA-18
test('a writer that lost its lock writes nothing over the other one, and stops', async () => {
  const store = new MemoryStore()
  const unlocked: ChamberStore = {
    get: (name, range) => store.get(name, range),
    putIfAbsent: (name, source, options) => store.putIfAbsent(name, source, options),
    delete: name => store.delete(name),
    list: prefix => store.list(prefix),
    lock: async () => async () => {},
  }
  const one = await open(unlocked)
  const other = await open(unlocked)
  await one.store('a', Uint8Array.of(1))
  await expect(other.store('b', Uint8Array.of(2))).rejects.toMatchObject({ code: 'STT_CHAMBER_LOCKED' })
  await expect(other.delete('a')).rejects.toMatchObject({ code: 'STT_CHAMBER_LOCKED' })
  await other.close()
  expect(await one.retrieve('a')).toEqual(Uint8Array.of(1))
  await one.close()
  const again = await open(unlocked)
  expect(await again.list()).toEqual(['a'])
  expect(again.getStatistics().removedObjects).toBe(1)
  await again.close()
})

test('a reader follows a writer through stores, deletes and checkpoints', async () => {
  const store = new MemoryStore()
  const writer = await open(store)
  const reader = await open(store, { readOnly: true })
  for (let i = 0; i < 40; i++) {
    await writer.store(`${i % 4}`, Uint8Array.of(i))
    if (i % 5 === 0) await writer.delete(`${(i + 1) % 4}`)
    expect(await reader.list()).toEqual(await writer.list())
    expect(await reader.retrieve(`${i % 4}`)).toEqual(Uint8Array.of(i))
    expect(await reader.getMetadata(`${i % 4}`)).toEqual(await writer.getMetadata(`${i % 4}`))
  }
  const late = await open(store, { readOnly: true })
  expect(await late.list()).toEqual(await writer.list())
  await Promise.all([writer.close(), reader.close(), late.close()])
})

test('a reader that comes too late for an object reads the one after it, or says so', async () => {
  const store = new MemoryStore()
  const writer = await open(store)
  await writer.store('a', Uint8Array.of(1))
  await writer.store('b', Uint8Array.of(1))
  const reader = await open(store, { readOnly: true })
  const replaced = (await reader.retrieveStream('a'))!
  const deleted = (await reader.retrieveStream('b'))!
  await writer.store('a', Uint8Array.of(2))
  await writer.delete('b')
  expect((await replaced.next()).value).toEqual(Uint8Array.of(2))
  await expect(deleted.next()).rejects.toMatchObject({ code: 'STT_TRUNCATED' })
  await Promise.all([writer.close(), reader.close()])
})

// spec: STT-CHA-12
test('a reader waits for a record that is not whole, and refuses one that was changed', async () => {
  const store = new MemoryStore()
  const writer = await open(store, { minimumTail: 100 })
  await writer.store('a', Uint8Array.of(1))
  const reader = await open(store, { readOnly: true })
  const pointer = (await collectUpTo((await store.get(`${scopeOf(id)}/head/1`))!, 1000))!
  await writer.store('a', Uint8Array.of(2))
  await writer.store('a', Uint8Array.of(3))
  await writer.close()
  const name = `${scopeOf(id)}/log/2`
  const bytes = (await collectUpTo((await store.get(name))!, 10_000))!

  const half = await copyOf(store)
  await half.delete(`${scopeOf(id)}/log/3`)
  await half.delete(`${scopeOf(id)}/head/3`)
  await half.putIfAbsent(`${scopeOf(id)}/head/1`, once(pointer), { durable: true })
  await half.delete(name)
  await half.putIfAbsent(name, once(bytes.subarray(0, 100)), { durable: true })
  const late = await open(half, { readOnly: true })
  expect((await late.getMetadata('a'))?.generation).toBe(1)
  await half.delete(name)
  await half.putIfAbsent(name, once(bytes), { durable: true })
  expect((await late.getMetadata('a'))?.generation).toBe(2)

  await store.delete(name)
  await store.putIfAbsent(name, once(bytes.map((byte, i) => (i === 80 ? byte ^ 1 : byte))), { durable: true })
  await expect(reader.getMetadata('a')).rejects.toMatchObject({ code: 'STT_CHAMBER_CORRUPT' })
  await store.delete(name)
  await expect(reader.getMetadata('a')).rejects.toThrow('a record of the chamber is gone')
  await store.delete(`${scopeOf(id)}/head/3`)
  await expect(reader.getMetadata('a')).rejects.toThrow('the head pointer of the chamber is gone')
  await Promise.all([reader.close(), late.close()])
})

test('there is nothing to read where no chamber was made', async () => {
  const store = new MemoryStore()
  await expect(open(store, { readOnly: true })).rejects.toMatchObject({ code: 'STT_INVALID_STATE' })
  expect((await names(store, 'key')).length).toBe(0)
})

// spec: STT-CHA-19
test('objects that no record names are deleted, and other files are not', async () => {
  const store = new MemoryStore()
  const chamber = await open(store)
  await chamber.store('a', Uint8Array.of(1))
  await chamber.close()
  const folder = `${scopeOf(id)}/obj`
  const orphan = `${folder}/${'a'.repeat(32)}.1`
  const others = [
    `${folder}/notes.txt`,
    `${folder}/${'a'.repeat(31)}.1`,
    `${folder}/${'a'.repeat(32)}.01`,
    'other/obj/x',
  ]
  for (const name of [orphan, ...others]) await store.putIfAbsent(name, once(Uint8Array.of(1)), { durable: true })
  const again = await open(store)
  expect(again.getStatistics().removedObjects).toBe(1)
  expect(await store.get(orphan)).toBeUndefined()
  for (const name of others) expect(await store.get(name)).toBeDefined()
  expect(await again.retrieve('a')).toEqual(Uint8Array.of(1))
  await again.close()
})

// spec: STT-CHA-13
test('a genuine record of an unknown form is refused and not guessed at', async () => {
  const keyring = new Keyring(id, key)
  const entry = ['k', 1, 1, 1, 1, new Uint8Array(32), null]
  for (const operations of [
    7,
    [7],
    [[3, 'k']],
    [[1, ...entry, 0]],
    [[1, ...entry.slice(1)]],
    [[2]],
    [[2, 'k', 1]],
    [[2, 5]],
  ]) {
    const store = new MemoryStore()
    const anchor = anchorOf()
    await (await open(store, { anchor })).close()
    const chamber = await open(store, { anchor })
    await chamber.store('k', new Uint8Array(1))
    await chamber.close()
    const sealed = sealChunks(encode(operations as never), keyring.record(2, anchor.saved!.commitment))
    await store.putIfAbsent(`${scopeOf(id)}/log/2`, once(sealed), { durable: true })
    await expect(open(store)).rejects.toMatchObject({ code: 'STT_CHAMBER_CORRUPT' })
  }
})
