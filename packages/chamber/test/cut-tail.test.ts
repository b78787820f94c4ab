import { sealChunks } from '@stt/crypto'
import { expect, test } from 'vitest'
import { collectUpTo, once } from '../src/bytes.ts'
import { Chamber, type ChamberOptions, MemoryStore } from '../src/index.ts'
import { Keyring, scopeOf } from '../src/keys/keyring.ts'
import { seededBytes } from './random.ts'

const id = 'tail'
const key: Uint8Array = seededBytes(6, 32)

function open(store: MemoryStore, more: Partial<ChamberOptions> = {}): Promise<Chamber> {
  return Chamber.open({ id, key, store, minimumTail: 100, ...more } as ChamberOptions)
}

/** The names of a chamber, without its scope, with what they hold. */
async function filesOf(store: MemoryStore): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>()
  for await (const name of store.list('')) {
    files.set(name.slice(scopeOf(id).length + 1), (await collectUpTo((await store.get(name))!, 1e6))!)
  }
  return files
}

async function storeOf(files: ReadonlyMap<string, Uint8Array>): Promise<MemoryStore> {
  const store = new MemoryStore()
  for (const [name, bytes] of files) await store.putIfAbsent(`${scopeOf(id)}/${name}`, once(bytes), { durable: true })
  return store
}

/** The files of a chamber after its third record, and after its fourth, which stores the key `d`. */
async function prepare(): Promise<{ before: Map<string, Uint8Array>; after: Map<string, Uint8Array> }> {
  const store = new MemoryStore()
  const chamber = await open(store)
  for (const each of ['a', 'b', 'c']) await chamber.store(each, Uint8Array.of(1))
  const before = await filesOf(store)
  await chamber.store('d', Uint8Array.of(1))
  await chamber.close()
  return { before, after: await filesOf(store) }
}

const half = (bytes: Uint8Array): Uint8Array => bytes.slice(0, bytes.length / 2)

/** Fails unless a writer and a reader refuse the chamber, and leave every file of it as it is. */
async function expectRefused(files: ReadonlyMap<string, Uint8Array>, what: string): Promise<void> {
  const store = await storeOf(files)
  await expect(open(store, { readOnly: true }), what).rejects.toMatchObject({ code: 'STT_CHAMBER_CORRUPT' })
  await expect(open(store), what).rejects.toMatchObject({ code: 'STT_CHAMBER_CORRUPT' })
  expect(await filesOf(store), what).toEqual(files)
}

// spec: STT-CHA-23
test('without its newest names, whichever they are, a chamber is refused and nothing of it deleted', async () => {
  const { after } = await prepare()
  const cuts = [['log/4'], ['head/4'], ['log/4', 'head/4'], ['log/3', 'log/4'], ['cp/0'], ['cp/0', 'head/4']]
  const tail = ['log/1', 'log/2', 'log/3', 'log/4', 'head/4']
  for (const cut of [...cuts, tail, tail.slice(0, 4), [...tail, 'cp/0']]) {
    const files = new Map([...after].filter(([name]) => !cut.includes(name)))
    await expectRefused(files, `without ${cut.join()}`)
    for (const name of [...files.keys()].filter(each => each.startsWith('obj/'))) files.delete(name)
    await expectRefused(files, `without ${cut.join()} and objects`)
  }
})

// spec: STT-CHA-12 STT-CHA-23
test('a last record with one bit changed is refused, and its object kept', async () => {
  const { after } = await prepare()
  for (const name of ['log/4', 'log/3', 'head/4', 'cp/0']) {
    const changed = after.get(name)!.map((byte, i) => (i === 60 ? byte ^ 1 : byte))
    await expectRefused(new Map([...after, [name, changed]]), name)
  }
})

// spec: STT-CHA-12 STT-CHA-22 STT-CHA-23
test('a crash at any step of a record is not taken for a cut tail, and the chamber goes on', async () => {
  const { before, after } = await prepare()
  const [record, pointer] = [after.get('log/4')!, after.get('head/4')!]
  const objects = new Map([...after].filter(([name]) => name.startsWith('obj/')))
  const steps: [string, Map<string, Uint8Array>, boolean, number][] = [
    ['object written', new Map([...before, ...objects]), false, 0],
    ['record half written', new Map([...before, ...objects, ['log/4', half(record)]]), false, 1],
    ['record empty', new Map([...before, ...objects, ['log/4', new Uint8Array(0)]]), false, 1],
    ['record written', new Map([...before, ...after].filter(([name]) => name !== 'head/4')), true, 0],
    ['pointer half written', new Map([...before, ...after, ['head/4', half(pointer)]]), true, 0],
    ['pointer empty', new Map([...before, ...after, ['head/4', new Uint8Array(0)]]), true, 0],
    ['pointer written', new Map([...before, ...after]), true, 0],
    ['done', after, true, 0],
  ]
  for (const [what, files, isThere, droppedRecords] of steps) {
    const store = await storeOf(files)
    const reader = await open(store, { readOnly: true })
    expect(await reader.has('d'), what).toBe(isThere)
    await reader.close()
    const chamber = await open(store)
    expect(chamber.getStatistics(), what).toMatchObject({ droppedRecords, removedObjects: isThere ? 0 : 1 })
    expect(await chamber.retrieve('d'), what).toEqual(isThere ? Uint8Array.of(1) : undefined)
    const pointers = [...(await filesOf(store)).keys()].filter(name => name.startsWith('head/'))
    expect(pointers, what).toEqual([isThere ? 'head/4' : 'head/3'])
    await chamber.store('e', Uint8Array.of(2))
    await chamber.close()
    const again = await open(store)
    expect(await again.list(), what).toEqual(['a', 'b', 'c', ...(isThere ? ['d'] : []), 'e'])
    await again.close()
  }
})

// spec: STT-CHA-23
test('more than one record ahead of the head pointer is refused, and so is a pointer to another record', async () => {
  const { before, after } = await prepare()
  const under = new Keyring(id, key).head(4)
  for (const commitment of [seededBytes(1, 32), new Uint8Array(0)]) {
    await expectRefused(new Map([...after, ['head/4', sealChunks(commitment, under)]]), 'another commitment')
  }
  const store = await storeOf(after)
  const longer = await open(store)
  await longer.store('e', Uint8Array.of(1))
  await longer.close()
  const files = await filesOf(store)
  files.delete('head/5')
  await expectRefused(new Map([...files, ['head/3', before.get('head/3')!]]), 'two records ahead')
  // Half of the newest pointer says how far the log went, too.
  const torn = new Map([...files, ['head/4', after.get('head/4')!], ['head/5', Uint8Array.of(1)]])
  torn.set('log/5', half(torn.get('log/5')!))
  await expectRefused(torn, 'a torn record behind its torn pointer')
})

// spec: STT-CHA-24
test('a chamber that was never finished is begun again, and one whose key file is gone is not', async () => {
  const store = new MemoryStore()
  await (await open(store)).close()
  const files = await filesOf(store)
  expect([...files.keys()]).toEqual(['head/0', 'cp/0', 'key/1'])
  files.delete('key/1')
  for (const unfinished of [files, new Map([...files].slice(0, 1)), new Map<string, Uint8Array>()]) {
    const begun = await storeOf(unfinished)
    await expect(open(begun, { readOnly: true })).rejects.toMatchObject({ code: 'STT_INVALID_STATE' })
    const chamber = await open(begun)
    await chamber.store('a', Uint8Array.of(1))
    await chamber.close()
    expect(await (await open(begun, { readOnly: true })).list()).toEqual(['a'])
  }
  for (const name of ['log/1', 'head/1', 'cp/9', 'obj/x']) {
    await expectRefusedWriter(new Map([...files, [name, Uint8Array.of(1)]]))
  }
})

// spec: STT-CHA-4 STT-CHA-8
test('a key file is bound to its number and its chamber', async () => {
  const argon2id = { memory: 8_192, passes: 1, lanes: 1 }
  const raw = new MemoryStore()
  await (await open(raw)).close()
  const wrapped = new MemoryStore()
  const secret = { passphrase: 'p', key: undefined } as never
  await (await open(wrapped, { ...(secret as object), argon2id } as never)).close()
  for (const [store, more] of [
    [raw, {}],
    [wrapped, secret],
  ] as const) {
    const files = await filesOf(store)
    const file = files.get('key/1')!
    await expect(open(await storeOf(new Map([...files, ['key/2', file]])), more)).rejects.toMatchObject({
      code: 'STT_AUTHENTICATION',
    })
    const elsewhere = new MemoryStore()
    for (const [name, bytes] of files)
      await elsewhere.putIfAbsent(`${scopeOf('other')}/${name}`, once(bytes), { durable: true })
    await expect(open(elsewhere, { ...(more as object), id: 'other' } as never)).rejects.toMatchObject({
      code: 'STT_AUTHENTICATION',
    })
  }
})

async function expectRefusedWriter(files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  const store = await storeOf(files)
  await expect(open(store)).rejects.toMatchObject({ code: 'STT_CHAMBER_CORRUPT' })
  expect(await filesOf(store)).toEqual(files)
}
