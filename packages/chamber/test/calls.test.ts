import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { Chamber, type ChamberStore, MemoryStore } from '../src/index.ts'
import { seededBytes } from './random.ts'

type Source = AsyncIterable<Uint8Array>

async function openChamber(store: ChamberStore = new MemoryStore(), more: object = {}): Promise<Chamber> {
  return Chamber.open({ id: 'calls', key: seededBytes(3, 32), store, ...more } as never)
}

/** A source that does something between two pieces. */
async function* doing(work: () => unknown): AsyncGenerator<Uint8Array, void, undefined> {
  yield Uint8Array.of(1)
  await work()
  yield Uint8Array.of(2)
}

function gateOf(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => {}
  const promise = new Promise<void>(done => {
    resolve = done
  })
  return { promise, resolve }
}

const refused = { code: 'STT_INVALID_STATE' }

test('a source that would wait for its own store is told at once, and the key and the chamber go on', async () => {
  const chamber = await openChamber()
  for (const work of [
    () => chamber.store('k', Uint8Array.of(9)),
    () =>
      chamber.store(
        'k',
        doing(() => {}),
      ),
    () => chamber.delete('k'),
    () => chamber.close(),
    () =>
      chamber.store(
        'other',
        doing(() => chamber.delete('k')),
      ),
  ]) {
    await expect(chamber.store('k', doing(work))).rejects.toMatchObject(refused)
    expect(await chamber.has('k')).toBe(false)
  }
  await chamber.store('k', Uint8Array.of(1))
  // A source may store under another key, and may always read.
  await chamber.store(
    'k',
    doing(() => chamber.store('other', Uint8Array.of(3))),
  )
  await chamber.store(
    'k',
    doing(() => chamber.retrieve('k')),
  )
  await chamber.store(
    'k',
    doing(() => void chamber.close().catch(() => {})),
  )
  expect(await chamber.retrieve('k')).toEqual(Uint8Array.of(1, 2))
  await chamber.close()
})

test('sources of several keys, or chambers, that would wait for each other are told', async () => {
  const chambers = [await openChamber(), await openChamber()] as const
  for (const other of chambers) {
    const begun = gateOf()
    const one = chambers[0].store(
      'a',
      doing(() => begun.promise.then(() => other.store('b', Uint8Array.of(1)))),
    )
    const two = other.store(
      'b',
      doing(() => {
        begun.resolve()
        return chambers[0].store('a', Uint8Array.of(1))
      }),
    )
    const results = await Promise.allSettled([one, two])
    expect(results.filter(({ status }) => status === 'rejected').length).toBeGreaterThan(0)
    for (const result of results) if (result.status === 'rejected') expect(result.reason).toMatchObject(refused)
  }
  await Promise.all(chambers.map(chamber => chamber.close()))
})

test('a signal ends a store that waits for its source, or for its turn, and the next keeps its place', async () => {
  const store = new MemoryStore()
  const chamber = await openChamber(store)
  const gate = gateOf()
  const first = chamber.store(
    'k',
    doing(() => gate.promise),
  )
  const waiting = new AbortController()
  const second = chamber.store(
    'k',
    doing(() => {}),
    { signal: waiting.signal },
  )
  const third = chamber.store('k', Uint8Array.of(3))
  waiting.abort()
  await expect(second).rejects.toMatchObject({ code: 'STT_ABORTED' })
  let isDone = false
  const done = third.then(() => {
    isDone = true
  })
  await chamber.store('other', Uint8Array.of(1))
  expect(isDone).toBe(false)
  gate.resolve()
  await Promise.all([first, done])
  expect(await chamber.retrieve('k')).toEqual(Uint8Array.of(3))

  const stuck = new AbortController()
  const never = chamber.store(
    'k',
    doing(() => new Promise(() => stuck.abort())),
    { signal: stuck.signal },
  )
  await expect(never).rejects.toMatchObject({ code: 'STT_ABORTED' })
  await expect(chamber.store('k', new Uint8Array(1), { signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: 'STT_ABORTED',
  })
  expect(await chamber.retrieve('k')).toEqual(Uint8Array.of(3))
  // A source that ends its own store with its last piece.
  const late = new AbortController()
  async function* abortingAtItsEnd(): Source {
    yield new Uint8Array(700_000)
    late.abort()
  }
  await expect(chamber.store('k', abortingAtItsEnd(), { signal: late.signal })).rejects.toMatchObject({
    code: 'STT_ABORTED',
  })
  await chamber.store(
    'k',
    doing(() => {}),
    { signal: new AbortController().signal },
  )
  // Aborted after its object is written, and before its record names it.
  const written = new AbortController()
  const put = store.putIfAbsent.bind(store)
  store.putIfAbsent = (name, source, options) => put(name, source, options).finally(() => written.abort())
  const givenUp = chamber.store('given up', Uint8Array.of(4), { signal: written.signal })
  await expect(givenUp).rejects.toMatchObject({ code: 'STT_ABORTED' })
  store.putIfAbsent = put
  expect(await chamber.has('given up')).toBe(false)
  expect(chamber.getStatistics()).toMatchObject({ keys: 2, pendingDeletes: 0 })
  await chamber.close()
})

/** A source that says whether it was let go. */
function watched(): { source: Source; isClosed: () => boolean } {
  let closed = false
  const source = {
    [Symbol.asyncIterator]: () => ({
      next: async () => ({ done: false as const, value: new Uint8Array(300_000) }),
      return: async () => {
        closed = true
        return { done: true as const, value: undefined }
      },
    }),
  }
  return { source, isClosed: () => closed }
}

test('a store that is refused, or fails, lets its source go', async () => {
  const failing = new MemoryStore()
  const chamber = await openChamber(failing)
  const reader = await openChamber(failing, { readOnly: true })
  const closed = await openChamber()
  await closed.close()
  const put = failing.putIfAbsent.bind(failing)
  const failLate: ChamberStore['putIfAbsent'] = async (name, source, options) => {
    if (!name.includes('/obj/')) return put(name, source, options)
    let pieces = 0
    for await (const _ of source) if (++pieces === 3) throw new Error('no space')
    return true
  }
  const failEarly = async (): Promise<boolean> => {
    throw new Error('no space')
  }
  const failAtOnce = async (_: string, source: Source): Promise<boolean> => {
    for await (const __ of source) break
    return false
  }
  const attempts: [string, (source: Source) => Promise<unknown>][] = [
    ['no text', source => chamber.store(7 as never, source)],
    ['too long a key', source => chamber.store('x'.repeat(70_000), source)],
    ['metadata', source => chamber.store('k', source, { metadata: new Uint8Array(70_000) })],
    ['unknown option', source => chamber.store('k', source, { meta: 1 } as never)],
    ['aborted', source => chamber.store('k', source, { signal: AbortSignal.abort() })],
    ['read-only', source => reader.store('k', source)],
    ['closed', source => closed.store('k', source)],
    [
      'within itself',
      source =>
        chamber.store(
          'k',
          doing(() => chamber.store('k', source)),
        ),
    ],
    ['a store that fails', source => withPut(failEarly, () => chamber.store('k', source))],
    ['a store that fails in the middle', source => withPut(failLate, () => chamber.store('k', source))],
    ['a store that took a piece', source => withPut(failAtOnce, () => chamber.store('k', source))],
  ]
  async function withPut(fault: typeof failing.putIfAbsent, use: () => Promise<unknown>): Promise<unknown> {
    failing.putIfAbsent = fault
    return use().finally(() => {
      failing.putIfAbsent = put
    })
  }
  for (const [what, attempt] of attempts) {
    const { source, isClosed } = watched()
    await expect(attempt(source), what).rejects.toMatchObject({ code: expect.stringMatching(/^STT_/) })
    expect(isClosed(), what).toBe(true)
    const ofNode = Readable.from([
      new Uint8Array(300_000),
      new Uint8Array(300_000),
      new Uint8Array(9),
      new Uint8Array(9),
    ])
    await expect(attempt(ofNode), what).rejects.toThrow()
    expect(ofNode.destroyed, what).toBe(true)
    let cancelled = false
    const ofTheWeb = new ReadableStream<Uint8Array>({
      pull: controller => controller.enqueue(new Uint8Array(300_000)),
      cancel: () => {
        cancelled = true
      },
    })
    await expect(attempt(ofTheWeb as never), what).rejects.toThrow()
    expect(cancelled, what).toBe(true)
  }
  await Promise.all([chamber.close(), reader.close()])
})

// spec: STT-CHA-27
test('whatever the clock says, the chamber opens again', async () => {
  const store = new MemoryStore()
  const chamber = await openChamber(store)
  const { now } = Date
  const stored: Record<string, number> = {}
  try {
    for (const time of [1.5, -1, -0.5, 1e12 + 0.999, 0]) {
      Date.now = () => time
      await chamber.store(`${time}`, Uint8Array.of(1))
      stored[`${time}`] = Math.max(0, Math.floor(time))
    }
    for (const time of [Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60]) {
      Date.now = () => time
      const both = [chamber.store('bad', Uint8Array.of(1)), chamber.delete('1.5')] as const
      await expect(both[0]).rejects.toMatchObject({ code: 'STT_INVALID_STATE' })
      await both[1]
    }
  } finally {
    Date.now = now
  }
  delete stored['1.5']
  await chamber.close()
  const again = await openChamber(store)
  expect(await again.list()).toEqual(Object.keys(stored).sort())
  for (const [key, time] of Object.entries(stored)) expect((await again.getMetadata(key))?.modifiedAt).toBe(time)
  expect(again.getStatistics().removedObjects).toBe(0)
  await again.close()
})

test('bytes of every kind and of every realm are stored, and nothing else', async () => {
  const chamber = await openChamber()
  const { runInNewContext } = await import('node:vm')
  const foreign: Uint8Array = runInNewContext('Uint8Array.of(1, 2)')
  const kinds: [unknown, number[]][] = [
    [foreign, [1, 2]],
    [foreign.buffer, [1, 2]],
    [Uint8Array.of(7, 1, 2).buffer.slice(1), [1, 2]],
    [new DataView(Uint8Array.of(7, 1, 2).buffer, 1), [1, 2]],
    [Buffer.from([1, 2]), [1, 2]],
    [new Uint16Array(1), [0, 0]],
  ]
  for (const [given, expected] of kinds) {
    await chamber.store('k', given as never)
    expect([...(await chamber.retrieve('k'))!]).toEqual(expected)
    await chamber.store('k', Readable.from([given, given], { objectMode: true }))
    expect([...(await chamber.retrieve('k'))!]).toEqual([...expected, ...expected])
  }
  for (const bad of ['text', 7, null, undefined, {}, [1, 2], [foreign], new Set(), () => {}, new Blob(['x'])]) {
    await expect(chamber.store('k', bad as never), String(bad)).rejects.toMatchObject({ code: 'STT_INVALID_ARGUMENT' })
    const piece = Readable.from([Uint8Array.of(1), bad ?? 'null'], { objectMode: true })
    await expect(chamber.store('k', piece)).rejects.toMatchObject({ code: 'STT_INVALID_ARGUMENT' })
  }
  await chamber.close()
  const key = runInNewContext('Uint8Array.from({ length: 32 }, (_, i) => i)')
  await (await openChamber(new MemoryStore(), { key })).close()
})
