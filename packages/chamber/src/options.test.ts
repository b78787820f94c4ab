import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../test/folder.ts'
import { Chamber, type ChamberStore, FilesystemStore, MemoryStore } from './index.ts'

const key: Uint8Array = new Uint8Array(32).fill(1)

test('options that do not hold are refused', async () => {
  const store = new MemoryStore()
  const bad: object[] = [
    { id: '', store, key },
    { id: 'x'.repeat(256), store, key },
    { id: 7, store, key },
    { id: 'a', key },
    { id: 'a', store, path: '/tmp/x', key },
    { id: 'a', store },
    { id: 'a', store, key, passphrase: 'p' },
    { id: 'a', store, key: new Uint8Array(31) },
    { id: 'a', store, key: 'k'.repeat(32) },
    { id: 'a', store, passphrase: '' },
    { id: 'a', store, passphrase: 'p', argon2id: { memory: 100 } },
    { id: 'a', store, key, durability: 'none' },
    { id: 'a', store, key: new Uint8Array(32) },
    { id: 'a', store, key, argon2id: {} },
    { id: 'a', store, passphrase: 7 },
    { id: 'a', store, passphrase: 'p', argon2id: { memry: 8_192 } },
    { id: 'a', store, passphrase: 'p', argon2id: 7 },
    { id: 'a', store, key, readonly: true },
    { id: 'a', store, key, readOnly: 'yes' },
    { id: 'a', store, key, anchor: { load: () => undefined } },
    { id: 'a', store, key, signal: {} },
    { id: 'a', store, key, minimumTail: -1 },
    { id: 'a', store: { get: () => undefined }, key },
    { id: 'a', path: '', key },
    { id: 'a', path: 7, key },
    { id: 'a', path: 'a\0b', key },
  ]
  for (const options of [undefined, null, 7, 'path', []]) {
    await expect(Chamber.open(options as never)).rejects.toMatchObject({ code: 'STT_INVALID_ARGUMENT' })
  }
  for (const options of bad) {
    await expect(Chamber.open(options as never), inspect(options)).rejects.toMatchObject({
      code: 'STT_INVALID_ARGUMENT',
    })
  }
})

test('nothing shows the key: not inspect, not JSON', async () => {
  const secret = new TextEncoder().encode('0123456789abcdef0123456789abcdef')
  const chamber = await Chamber.open({ id: 'a', key: secret, store: new MemoryStore() })
  const shown = inspect(chamber, { depth: 9, showHidden: true }) + JSON.stringify(chamber)
  expect(shown).not.toMatch(/0123456789abcdef|48,\s*49,\s*50/)
  await chamber.close()
})

test('every call refuses wrong arguments by a code, and changes nothing', async () => {
  const store = new MemoryStore()
  const chamber = await Chamber.open({ id: 'a', key, store })
  await chamber.store('x', Uint8Array.of(1))
  const bytes = Uint8Array.of(2)
  const calls: (() => Promise<unknown>)[] = [
    ...[7, null, undefined, {}, Symbol('s')].flatMap(bad => [
      () => chamber.store(bad as never, bytes),
      () => chamber.retrieve(bad as never),
      () => chamber.retrieveStream(bad as never),
      () => chamber.delete(bad as never),
      () => chamber.has(bad as never),
    ]),
    () => chamber.getMetadata(null as never),
    ...[null, 7, 'text', [], { other: 1 }].flatMap(bad => [
      () => chamber.store('x', bytes, bad as never),
      () => chamber.retrieve('x', bad as never),
      () => chamber.retrieveStream('x', bad as never),
      () => chamber.list(bad as never),
      () => chamber.verify(bad as never),
    ]),
    () => chamber.store('x', bytes, { signal: 7 } as never),
    () => chamber.retrieve('x', { maxBytes: Number.NaN }),
    () => chamber.retrieve('x', { maxBytes: -1 }),
    () => chamber.retrieveStream('x', { start: '1' } as never),
    () => chamber.list({ prefix: 7 } as never),
    () => chamber.changePassphrase('p', { memory: 1 }),
  ]
  for (const call of calls) {
    await expect(call(), String(call)).rejects.toMatchObject({ code: 'STT_INVALID_ARGUMENT' })
  }
  expect(await chamber.retrieve('x', { maxBytes: Number.POSITIVE_INFINITY })).toEqual(Uint8Array.of(1))
  await chamber.close()
})

test('the stores refuse arguments by a code, too', async () => {
  const path = await temporaryFolder()
  for (const bad of [7, undefined, '', null])
    expect(() => new FilesystemStore(bad as never)).toThrow('path of the folder')
  for (const store of [new MemoryStore(), new FilesystemStore(path)] as ChamberStore[]) {
    const source = (async function* () {
      yield 'text' as never
    })()
    const calls: (() => Promise<unknown>)[] = [
      () => store.get(7 as never),
      () => store.get(Symbol('s') as never),
      () => store.get('a/b', { start: 2, end: 1 }),
      () => store.get('a/b', 7 as never),
      () => store.putIfAbsent('a/b', 7 as never, { durable: true }),
      () => store.putIfAbsent('a/b', source, { durable: true }),
      () => store.delete(null as never),
      () => (store.list(7 as never) as AsyncGenerator<string>).next(),
      () => store.lock('..'),
    ]
    if (store instanceof FilesystemStore) {
      calls.push(() => store.putIfAbsent('a/b', source, undefined as never))
      calls.push(() => store.putIfAbsent('a/b', source, { durable: 'yes' } as never))
    }
    for (const call of calls) {
      await expect(call(), String(call)).rejects.toMatchObject({ code: 'STT_INVALID_ARGUMENT' })
    }
  }
})

test('a wrong answer of a custom store is a typed error', async () => {
  const faults: [string, object][] = [
    ['lock', { lock: async () => undefined }],
    ['list', { list: () => 7 }],
    ['list', { list: async function* () { yield 7 } }], // biome-ignore format: one line
    ['get', { get: async () => 7 }],
    ['get', { get: async () => (async function* () { yield 'text' })() }], // biome-ignore format: one line
  ]
  for (const [what, fault] of faults) {
    const store = new MemoryStore()
    const chamber = await Chamber.open({ id: 'a', key, store })
    await chamber.store('x', Uint8Array.of(1))
    await chamber.close()
    const opening = Chamber.open({ id: 'a', key, store: Object.assign(store, fault) })
    await expect(opening, what).rejects.toMatchObject({ code: 'STT_CHAMBER_STORE' })
  }
})
