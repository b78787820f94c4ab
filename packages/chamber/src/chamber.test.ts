import { float64, uint64 } from '@stt/serialize'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { seededBytes } from '../test/random.ts'
import { inPieces } from '../test/scenario.ts'
import { Chamber, type ChamberOptions, type ChamberStore, MemoryStore } from './index.ts'

const key: Uint8Array = seededBytes(5, 32)

function open(more: Partial<ChamberOptions> = {}): Promise<Chamber> {
  return Chamber.open({ id: 'test', key, store: new MemoryStore(), ...more } as ChamberOptions)
}

async function readAll(source: AsyncIterable<Uint8Array> | undefined): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  for await (const piece of source!) pieces.push(piece)
  return new Uint8Array(Buffer.concat(pieces))
}

/** A store that counts and records what is asked of it. */
function recording(store: ChamberStore): { store: ChamberStore; gets: [string, number][]; puts: string[] } {
  const gets: [string, number][] = []
  const puts: string[] = []
  return {
    gets,
    puts,
    store: {
      async get(name, range) {
        const source = await store.get(name, range)
        if (!source) return undefined
        const bytes = await readAll(source)
        gets.push([name, bytes.length])
        return inPieces(bytes, 10_000)
      },
      putIfAbsent(name, source, options) {
        puts.push(name)
        return store.putIfAbsent(name, source, options)
      },
      delete: name => store.delete(name),
      list: prefix => store.list(prefix),
      lock: scope => store.lock(scope),
    },
  }
}

// spec: STT-CHA-3
test('every text is a key: paths, dots, nothing, NUL, 64 KiB, look-alikes', async () => {
  const store = new MemoryStore()
  const chamber = await open({ store })
  const composed = '\u00e9'
  const keys = ['', '/', '.', '..', '../../etc/passwd', 'a//b', 'a/./b', '\0', 'a\0b', 'CON', 'ключ 🔑', '\uffff']
  const all = [...keys, composed, composed.normalize('NFD'), 'é'.repeat(32_768), 'x'.repeat(65_536), '__proto__']
  for (const [index, each] of all.entries()) await chamber.store(each, Uint8Array.of(index), { metadata: each.length })
  for (const [index, each] of all.entries()) {
    expect(await chamber.retrieve(each)).toEqual(Uint8Array.of(index))
    expect((await chamber.getMetadata(each))?.metadata).toBe(each.length)
  }
  expect(await chamber.list()).toEqual([...all].sort())
  for await (const name of store.list(''))
    expect(name).toMatch(/^[a-z2-7]{16}\/(obj\/[a-z2-7]{32}\.1|(key|log|cp|head)\/\d+)$/)
  await chamber.close()

  const again = await open({ store })
  expect(await again.list()).toEqual([...all].sort())
  await expect(again.store('x'.repeat(65_537), new Uint8Array(0))).rejects.toMatchObject({ code: 'STT_LIMIT' })
  await expect(again.has('\ud800')).rejects.toMatchObject({ code: 'STT_INVALID_ARGUMENT' })
  await again.close()
})

test('stores bytes and sources of every length, and gives them back whole and in pieces', async () => {
  const chamber = await open()
  for (const length of [0, 1, 16_383, 16_384, 16_385, 32_768, 262_144, 262_145, 700_001]) {
    const bytes = seededBytes(length, length)
    await chamber.store('bytes', bytes)
    await chamber.store('source', inPieces(bytes, 10_007))
    for (const each of ['bytes', 'source']) {
      expect(Buffer.compare((await chamber.retrieve(each))!, bytes)).toBe(0)
      expect(Buffer.compare(await readAll(await chamber.retrieveStream(each)), bytes)).toBe(0)
    }
  }
  expect(await chamber.retrieve('nothing')).toBeUndefined()
  expect(await chamber.retrieveStream('nothing')).toBeUndefined()
  expect(await chamber.getMetadata('nothing')).toBeUndefined()
  expect(await chamber.delete('nothing')).toBe(false)
  await chamber.close()
})

test('ranges give the same as slice, and read only the header and their chunks', async () => {
  const { store, gets } = recording(new MemoryStore())
  const chamber = await open({ store })
  for (const length of [50_000, 49_152, 16_384, 5, 0]) {
    const bytes = seededBytes(length, length)
    await chamber.store('a', bytes)
    await fc.assert(
      fc.asyncProperty(fc.nat(length + 20), fc.nat(length + 20), async (one, other) => {
        const [start, end] = [Math.min(one, other), Math.max(one, other)]
        gets.length = 0
        const part = await readAll(await chamber.retrieveStream('a', { start, end }))
        expect(Buffer.compare(part, bytes.subarray(start, end))).toBe(0)
        const chunks = Math.ceil(Math.min(end, length) / 16_384) - Math.floor(start / 16_384)
        const read = gets.reduce((sum, [, count]) => sum + count, 0)
        const isWhole = Math.min(start, length) === 0 && end >= length
        if (!isWhole) expect(read).toBeLessThanOrEqual(56 + Math.max(0, chunks) * 16_400)
      }),
      { numRuns: Number(process.env['STT_RUNS'] ?? 60) },
    )
    expect(Buffer.compare(await readAll(await chamber.retrieveStream('a', { start: 3 })), bytes.subarray(3))).toBe(0)
  }
  for (const range of [{ start: -1 }, { start: 2, end: 1 }, { start: 0.5 }, { end: Number.NaN }]) {
    await expect(chamber.retrieveStream('a', range)).rejects.toMatchObject({ code: 'STT_INVALID_ARGUMENT' })
  }
  await chamber.close()
})

test('a store writes an object, a record and its pointer, with ten keys as with thousands, and reads nothing', async () => {
  const { store, gets, puts } = recording(new MemoryStore())
  const chamber = await open({ store })
  for (const total of [10, 3_000]) {
    await Promise.all(Array.from({ length: total }, (_, i) => chamber.store(`${i}`, new Uint8Array(10))))
    gets.length = puts.length = 0
    await chamber.store('0', new Uint8Array(10))
    expect(puts.map(name => name.split('/')[1])).toEqual(['obj', 'log', 'head'])
    expect(gets).toEqual([])
  }
  await chamber.close()
})

// spec: STT-CHA-9 STT-CHA-13
test('metadata, times and generations, over opening again', async () => {
  const store = new MemoryStore()
  let chamber = await open({ store })
  const metadata = { type: 'text', size: uint64(3), ratio: float64(1), tags: ['a', null], raw: Uint8Array.of(1, 2) }
  await chamber.store('a', seededBytes(1, 10), { metadata })
  const first = (await chamber.getMetadata('a'))!
  const plain = { type: 'text', size: 3, ratio: 1, tags: ['a', null], raw: Uint8Array.of(1, 2) }
  expect(first).toEqual({ ...first, key: 'a', size: 10, generation: 1, metadata: plain })
  expect(first.createdAt).toBe(first.modifiedAt)
  expect(Math.abs(first.createdAt - Date.now())).toBeLessThan(3_600_000)

  await chamber.store('a', seededBytes(2, 20))
  const second = (await chamber.getMetadata('a'))!
  expect(second).toEqual({ ...first, size: 20, generation: 2, modifiedAt: second.modifiedAt, metadata: undefined })
  await chamber.store('a', seededBytes(2, 20), { metadata: null })
  expect(await chamber.delete('a')).toBe(true)
  expect(await chamber.has('a')).toBe(false)
  await chamber.close()

  chamber = await open({ store })
  await chamber.store('a', seededBytes(3, 30))
  expect((await chamber.getMetadata('a'))?.generation).toBe(4)
  await chamber.store('b', seededBytes(3, 12))
  expect(await chamber.getMetadata()).toEqual({ id: 'test', totalKeys: 2, totalBytes: 42 })
  const tooLarge = { metadata: new Uint8Array(65_536) }
  await expect(chamber.store('c', new Uint8Array(0), tooLarge)).rejects.toMatchObject({ code: 'STT_LIMIT' })
  const cyclic: unknown[] = []
  cyclic.push(cyclic)
  const bad = chamber.store('c', new Uint8Array(0), { metadata: cyclic as never })
  await expect(bad).rejects.toMatchObject({ code: 'STT_ENCODE' })
  await chamber.close()
})

test('list gives all keys, or those with a prefix, in order', async () => {
  const chamber = await open()
  for (const each of ['b/2', 'a', 'b/10', 'b', 'B/1', 'b/']) await chamber.store(each, new Uint8Array(1))
  expect(await chamber.list()).toEqual(['B/1', 'a', 'b', 'b/', 'b/10', 'b/2'])
  expect(await chamber.list({ prefix: 'b/' })).toEqual(['b/', 'b/10', 'b/2'])
  expect(await chamber.list({ prefix: 'x' })).toEqual([])
  await chamber.close()
})

test('calls of one key happen in their order, whatever their sources take', async () => {
  const chamber = await open()
  let release = (): void => {}
  const gate = new Promise<void>(resolve => {
    release = resolve
  })
  async function* slow(): AsyncGenerator<Uint8Array, void, undefined> {
    yield Uint8Array.of(1)
    await gate
    yield Uint8Array.of(1)
  }
  const calls = [
    chamber.store('a', slow()),
    chamber.delete('a'),
    chamber.store('a', Uint8Array.of(2)),
    chamber.store('a', inPieces(Uint8Array.of(3, 3), 1)),
  ]
  await chamber.store('b', Uint8Array.of(9))
  expect(await chamber.list()).toEqual(['b'])
  release()
  expect((await Promise.all(calls))[1]).toBe(true)
  expect(await chamber.retrieve('a')).toEqual(Uint8Array.of(3, 3))
  await chamber.close()
})

test('a failing source leaves the old object, and its error comes out', async () => {
  const store = new MemoryStore()
  const chamber = await open({ store })
  await chamber.store('a', Uint8Array.of(1))
  const failure = new RangeError('the camera was unplugged')
  async function* failing(): AsyncGenerator<Uint8Array, void, undefined> {
    yield seededBytes(1, 100_000)
    throw failure
  }
  await expect(chamber.store('a', failing())).rejects.toBe(failure)
  async function* texts(): AsyncGenerator<string, void, undefined> {
    yield 'text'
  }
  await expect(chamber.store('a', texts() as never)).rejects.toMatchObject({ code: 'STT_INVALID_ARGUMENT' })
  await expect(chamber.store('a', 'text' as never)).rejects.toMatchObject({ code: 'STT_INVALID_ARGUMENT' })
  expect(await chamber.retrieve('a')).toEqual(Uint8Array.of(1))
  expect((await namesOf(store)).filter(name => name.includes('/obj/')).length).toBe(1)
  await chamber.close()
})

// spec: STT-CHA-17
test('an object that is being read is deleted after its last reader has ended', async () => {
  const store = new MemoryStore()
  const chamber = await open({ store })
  const old = seededBytes(1, 200_000)
  await chamber.store('a', old)
  const [one, other] = [await chamber.retrieveStream('a'), await chamber.retrieveStream('a')]
  expect((await one!.next()).done).toBe(false)
  await chamber.store('a', Uint8Array.of(2))
  await chamber.delete('a')
  expect(chamber.getStatistics().pendingDeletes).toBe(1)
  expect(Buffer.compare(await readAll(other), old)).toBe(0)
  expect(chamber.getStatistics().pendingDeletes).toBe(1)
  await one!.return!()
  expect(chamber.getStatistics().pendingDeletes).toBe(0)
  expect((await namesOf(store)).filter(name => name.includes('/obj/'))).toEqual([])
  await chamber.close()
})

test('close waits for calls under way, ends streams, lets the next writer in, and is final', async () => {
  const store = new MemoryStore()
  const chamber = await open({ store })
  await chamber.store('a', seededBytes(1, 200_000))
  const stream = (await chamber.retrieveStream('a'))!
  await stream.next()
  await chamber.store('a', Uint8Array.of(1))
  const stored = chamber.store('b', inPieces(seededBytes(2, 50_000), 1_000))
  const read = chamber.retrieve('a')
  const closing = chamber.close()
  await expect(chamber.has('a')).rejects.toMatchObject({ code: 'STT_CLOSED' })
  await stored
  expect(await read).toEqual(Uint8Array.of(1))
  await closing
  await chamber.close()
  await expect(stream.next()).rejects.toMatchObject({ code: 'STT_CLOSED' })
  await expect(chamber.store('a', new Uint8Array(1))).rejects.toMatchObject({ code: 'STT_CLOSED' })
  const next = await open({ store })
  expect(await next.list()).toEqual(['a', 'b'])
  expect(next.getStatistics()).toMatchObject({ removedObjects: 0, droppedRecords: 0 })
  await next.close()
})

test('retrieve takes no more memory than it may', async () => {
  const chamber = await open()
  await chamber.store('a', new Uint8Array(100))
  await expect(chamber.retrieve('a', { maxBytes: 99 })).rejects.toMatchObject({ code: 'STT_LIMIT' })
  expect((await chamber.retrieve('a', { maxBytes: 100 }))?.length).toBe(100)
  await chamber.delete('a')
  expect(chamber.getStatistics().pendingDeletes).toBe(0)
  await chamber.close()
})

test('statistics count calls and bytes', async () => {
  const chamber = await open()
  await Promise.all([chamber.store('a', new Uint8Array(10)), chamber.store('b', new Uint8Array(20))])
  await chamber.retrieve('b')
  await chamber.delete('a')
  expect(chamber.getStatistics()).toMatchObject({
    ...{ keys: 1, bytes: 20, stores: 2, retrieves: 1, deletes: 1, bytesStored: 30, bytesRetrieved: 20 },
    ...{ records: 2, operationsSinceCheckpoint: 3, checkpoints: 0, failedCheckpoints: 0, failedDeletes: 0 },
  })
  await chamber.close()
})

async function namesOf(store: ChamberStore): Promise<string[]> {
  const found: string[] = []
  for await (const name of store.list('')) found.push(name)
  return found
}
