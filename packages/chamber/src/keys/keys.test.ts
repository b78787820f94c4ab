import { cke, concatBytes, phe, provider, toBase32 } from '@stt/crypto'
import { expect, test } from 'vitest'
import { seededBytes } from '../../test/random.ts'
import { lengthPrefixed, once } from '../bytes.ts'
import { Chamber, type ChamberStore, MemoryStore } from '../index.ts'
import { Keyring, keyFileContext, scopeOf } from './keyring.ts'
import { unwrapMaster, wrapMaster } from './wrap.ts'

/** The least work that is allowed: these tests are about the rest. */
const argon2id = { memory: 8_192, passes: 1, lanes: 1 }
const key: Uint8Array = seededBytes(8, 32)
const context: Uint8Array = keyFileContext('a', 1)
const text = (value: string): Uint8Array => new TextEncoder().encode(value)

async function listNames(store: ChamberStore): Promise<string[]> {
  const names: string[] = []
  for await (const name of store.list('')) names.push(name)
  return names.sort()
}

// spec: STT-CHA-1 STT-CHA-2 STT-CHA-3 STT-CHA-4
test('names, keys and contexts are what the specification says', () => {
  const keyring = new Keyring('ü', key)
  const none = new Uint8Array(0)
  const chamberKey = cke.derive(key, 'chamber', text('ü'), 32)
  const fileKey = cke.derive(chamberKey, 'file', none, 32)
  const logKey = cke.derive(chamberKey, 'log', none, 32)
  const objectId = keyring.objectId('a/b')
  expect(objectId).toEqual(provider.hmac(cke.derive(chamberKey, 'name', none, 32), text('a/b')).slice(0, 20))
  expect(scopeOf('ü')).toBe(toBase32(phe.digest('chamber', text('ü')).slice(0, 10)))

  const contextOf = (x: Uint8Array, n: number, kind: number): Uint8Array =>
    concatBytes([lengthPrefixed(text('ü')), lengthPrefixed(x), Uint8Array.of(0, 0, 0, 0, 0, 0, n >> 8, n & 255, kind)])
  expect(keyring.object(objectId, 300)).toEqual({ key: fileKey, context: contextOf(objectId, 300, 1) })
  expect(keyring.record(258, key)).toEqual({ key: logKey, context: contextOf(key, 258, 2) })
  expect(keyring.checkpoint(9)).toEqual({ key: logKey, context: contextOf(none, 9, 3) })
  expect(keyring.keyFile(3)).toEqual({ key: logKey, context: contextOf(none, 3, 4) })
  expect(keyFileContext('ü', 3)).toEqual(contextOf(none, 3, 4))
  expect(keyring.head(7)).toEqual({ key: logKey, context: contextOf(none, 7, 5) })
  keyring.dispose()
  expect(keyring.checkpoint(9).key).toEqual(new Uint8Array(32))
})

// spec: STT-CHA-5
test('another key is told at once and changes nothing', async () => {
  const store = new MemoryStore()
  const chamber = await Chamber.open({ id: 'a', key, store })
  await chamber.store('x', Uint8Array.of(1))
  await chamber.close()
  const names = await listNames(store)
  for (const wrong of [seededBytes(9, 32), key.map((byte, i) => (i === 31 ? byte ^ 1 : byte))]) {
    await expect(Chamber.open({ id: 'a', key: wrong, store })).rejects.toMatchObject({ code: 'STT_AUTHENTICATION' })
    const readOnly = Chamber.open({ id: 'a', key: wrong, store, readOnly: true })
    await expect(readOnly).rejects.toMatchObject({ code: 'STT_AUTHENTICATION' })
  }
  const passphrase = Chamber.open({ id: 'a', passphrase: 'p', store })
  await expect(passphrase).rejects.toMatchObject({ code: 'STT_CHAMBER_CORRUPT' })
  expect(await listNames(store)).toEqual(names)
  await (await Chamber.open({ id: 'a', key, store })).close()
})

// spec: STT-CHA-1
test('chambers in one store know nothing of each other', async () => {
  const store = new MemoryStore()
  const one = await Chamber.open({ id: 'one', key, store })
  const other = await Chamber.open({ id: 'other', key, store })
  await one.store('x', Uint8Array.of(1))
  expect(await other.list()).toEqual([])
  await other.store('x', Uint8Array.of(2))
  expect(await one.retrieve('x')).toEqual(Uint8Array.of(1))
  await one.delete('x')
  await one.close()
  await other.close()
  const again = await Chamber.open({ id: 'other', key, store })
  expect(await again.retrieve('x')).toEqual(Uint8Array.of(2))
  await again.close()
  // An attacker moves the files of one chamber to the other's names: none is taken for the other's.
  const moved = new MemoryStore()
  for (const name of await listNames(store)) {
    if (name.startsWith(scopeOf('one'))) continue
    const source = (await store.get(name))!
    await moved.putIfAbsent(name.replace(scopeOf('other'), scopeOf('one')), source, { durable: true })
  }
  await expect(Chamber.open({ id: 'one', key, store: moved })).rejects.toMatchObject({ code: 'STT_AUTHENTICATION' })
})

// spec: STT-CHA-6 STT-CHA-8
test('a passphrase opens, another does not, and changing it writes no object again', async () => {
  const store = new MemoryStore()
  const chamber = await Chamber.open({ id: 'a', passphrase: 'correct horse', argon2id, store })
  await chamber.store('x', Uint8Array.of(7))
  const before = await listNames(store)
  await chamber.changePassphrase('Ünïcode 2')
  await chamber.changePassphrase('Ünïcode 3')
  await chamber.close()
  expect(await listNames(store)).toEqual(before.map(name => name.replace('/key/1', '/key/3')))

  for (const passphrase of ['correct horse', 'Ünïcode 2', 'Ünïcode 3 ']) {
    const wrong = Chamber.open({ id: 'a', passphrase, store })
    await expect(wrong).rejects.toMatchObject({ code: 'STT_AUTHENTICATION' })
  }
  const raw = Chamber.open({ id: 'a', key, store })
  await expect(raw).rejects.toMatchObject({ code: 'STT_INVALID_ARGUMENT' })
  const again = await Chamber.open({ id: 'a', passphrase: 'Ünïcode 3'.normalize('NFD'), store })
  expect(await again.retrieve('x')).toEqual(Uint8Array.of(7))
  await again.close()
})

test('a passphrase that could not be changed stays, and is gone when it was', async () => {
  const store = new MemoryStore()
  const chamber = await Chamber.open({ id: 'a', passphrase: 'old', argon2id, store })
  const put = store.putIfAbsent.bind(store)
  store.putIfAbsent = () => Promise.reject(new Error('no space'))
  await expect(chamber.changePassphrase('new')).rejects.toMatchObject({ code: 'STT_CHAMBER_STORE' })
  expect(await listNames(store)).toContain(`${scopeOf('a')}/key/1`)
  store.putIfAbsent = put
  await chamber.changePassphrase('new')
  expect((await listNames(store)).filter(name => name.includes('/key/'))).toEqual([`${scopeOf('a')}/key/3`])
  await chamber.close()
})

test('a chamber with a key of its own has no passphrase to change', async () => {
  const chamber = await Chamber.open({ id: 'a', key, store: new MemoryStore() })
  await expect(chamber.changePassphrase('p')).rejects.toMatchObject({ code: 'STT_INVALID_STATE' })
  await chamber.close()
})

// spec: STT-CHA-8
test('an old key file beside a new one does not count, and goes', async () => {
  const store = new MemoryStore()
  const chamber = await Chamber.open({ id: 'a', passphrase: 'old', argon2id, store })
  const name = `${scopeOf('a')}/key/1`
  const pieces: Uint8Array[] = []
  for await (const piece of (await store.get(name))!) pieces.push(piece)
  await chamber.changePassphrase('new')
  await chamber.close()
  await store.putIfAbsent(name, once(concatBytes(pieces)), { durable: true })
  const old = Chamber.open({ id: 'a', passphrase: 'old', store })
  await expect(old).rejects.toMatchObject({ code: 'STT_AUTHENTICATION' })
  await (await Chamber.open({ id: 'a', passphrase: 'new', store })).close()
  expect(await listNames(store)).not.toContain(name)
})

// spec: STT-CHA-6
test('a wrapped key is new each time, has 74 bytes, and opens in no changed form', async () => {
  const wrapped = await wrapMaster(key, 'p', context, argon2id)
  expect(wrapped.length).toBe(74)
  expect([...wrapped.subarray(0, 10)]).toEqual([1, 0, 0, 32, 0, 0, 0, 0, 1, 1])
  expect((await unwrapMaster(wrapped, 'p', context)).master).toEqual(key)
  const another = await wrapMaster(key, 'p', context, argon2id)
  expect(another.subarray(10, 26)).not.toEqual(wrapped.subarray(10, 26))
  expect(another.subarray(26)).not.toEqual(wrapped.subarray(26))
  for (const index of [0, 3, 9, 10, 25, 26, 57, 58, 73]) {
    const changed = wrapped.slice()
    changed[index]! ^= index === 9 ? 2 : 1
    const expected = index === 0 ? 'STT_CHAMBER_CORRUPT' : 'STT_AUTHENTICATION'
    await expect(unwrapMaster(changed, 'p', context)).rejects.toMatchObject({ code: expected })
  }
  await expect(unwrapMaster(wrapped.subarray(1), 'p', context)).rejects.toMatchObject({ code: 'STT_CHAMBER_CORRUPT' })
})

// spec: STT-CHA-7
test('a key file cannot ask for more work than any that was written', async () => {
  const wrapped = await wrapMaster(key, 'p', context, argon2id)
  const costs = { memory: [1, 4], passes: [5, 4], lanes: [9, 1] } as const
  const bad: [keyof typeof costs, number][] = [
    ...([8_191, 1_048_577, 2 ** 32 - 1, 0] as const).map(value => ['memory', value] as [keyof typeof costs, number]),
    ...([0, 17, 2 ** 32 - 1] as const).map(value => ['passes', value] as [keyof typeof costs, number]),
    ...([0, 17, 255] as const).map(value => ['lanes', value] as [keyof typeof costs, number]),
  ]
  for (const [cost, value] of bad) {
    const changed = wrapped.slice()
    const [offset, size] = costs[cost]
    const view = new DataView(changed.buffer)
    if (size === 4) view.setUint32(offset, value)
    else view.setUint8(offset, value)
    await expect(unwrapMaster(changed, 'p', context)).rejects.toMatchObject({ code: 'STT_CHAMBER_CORRUPT' })
    const made = wrapMaster(key, 'p', context, { ...argon2id, [cost]: value })
    await expect(made).rejects.toMatchObject({ code: 'STT_INVALID_ARGUMENT' })
  }
})

test('a signal stops the work for a passphrase, and leaves no lock', async () => {
  const store = new MemoryStore()
  const controller = new AbortController()
  const opening = Chamber.open({ id: 'a', passphrase: 'p', store, signal: controller.signal })
  controller.abort()
  await expect(opening).rejects.toMatchObject({ code: 'STT_ABORTED' })
  await (await Chamber.open({ id: 'a', passphrase: 'p', argon2id, store })).close()
})
