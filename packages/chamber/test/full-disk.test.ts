import { expect, test } from 'vitest'
import { Model } from './model.ts'
import { seededBytes } from './random.ts'
import { openOn } from './scenario.ts'
import { SimulatedDisk } from './simulated-disk.ts'

/** A chamber on a disk that it filled to the last block, with its keys. */
async function fill(key: (i: number) => string, length: number) {
  const disk = new SimulatedDisk()
  disk.capacity = 120
  const chamber = await openOn(disk, { minimumTail: 1000 })
  const model = new Model()
  const keys: string[] = []
  for (;;) {
    const next = key(keys.length)
    try {
      await model.store(chamber, next, seededBytes(1, length))
      keys.push(next)
    } catch (error) {
      expect(error).toMatchObject({ code: 'STT_CHAMBER_STORE', details: { code: 'ENOSPC' } })
      // Another writer's files take what is left.
      disk.capacity = disk.used
      return { disk, chamber, model, keys }
    }
  }
}

const shapes: [string, (i: number) => string, number][] = [
  ['small objects', i => `${i}`, 1],
  ['objects of several blocks', i => `${i}`, 30_000],
  ['long keys', i => `${i}`.padEnd(3_000, 'x'), 1],
]

// spec: STT-CHA-28
test('on a full disk everything can be deleted, one by one, and then there is space', async () => {
  for (const [what, key, length] of shapes) {
    const { disk, chamber, model, keys } = await fill(key, length)
    expect(keys.length, what).toBeGreaterThan(1)
    await expect(chamber.store('more', seededBytes(1, 100)), what).rejects.toMatchObject({
      details: { code: 'ENOSPC' },
    })
    for (const each of keys) await model.delete(chamber, each)
    await model.verify(chamber)
    expect(chamber.getStatistics(), what).toMatchObject({ keys: 0, pendingDeletes: 0 })
    await chamber.close()
    const again = await openOn(disk, { minimumTail: 1 })
    expect(await again.list()).toEqual([])
    await again.close()
  }
})

// spec: STT-CHA-28
test('deletes that come together, with stores among them, are done too; the stores say why they are not', async () => {
  for (const [what, key, length] of shapes) {
    const { chamber, model, keys } = await fill(key, length)
    const [kept, ...rest] = keys
    const stored = chamber.store(kept!, seededBytes(2, 10)).catch(error => error)
    const deleted = await Promise.allSettled(rest.map(each => model.delete(chamber, each)))
    expect(new Set(deleted.map(({ status }) => status)), what).toEqual(new Set(['fulfilled']))
    const outcome = await stored
    if (outcome !== undefined) expect(outcome).toMatchObject({ details: { code: 'ENOSPC' } })
    expect(await chamber.list()).toEqual([kept])
    await chamber.close()
  }
})

// spec: STT-CHA-28
test('the reserve is freed only where nothing else helps, and filled again when there is space', async () => {
  const { disk, chamber, model, keys } = await fill(i => `${i}`, 30_000)
  const spare = (): number[] =>
    [...disk.files('', undefined, true)].filter(([path]) => path.includes('.spare')).map(([, { data }]) => data.length)
  const { unlink } = disk
  let released = 0
  disk.unlink = path => {
    if (path.includes('.spare')) released++
    return unlink.call(disk, path)
  }
  await expect(chamber.store('more', new Uint8Array(30_000))).rejects.toMatchObject({ details: { code: 'ENOSPC' } })
  expect(released).toBe(0)
  for (const each of keys) await model.delete(chamber, each)
  expect(released).toBeGreaterThan(0)
  expect(spare()).toEqual([65_536, 65_536])
  await chamber.close()
})

// spec: STT-CHA-28
test('a chamber opens on a full disk, also where its head pointer is one behind', async () => {
  const disk = new SimulatedDisk()
  const chamber = await openOn(disk)
  await chamber.store('a', Uint8Array.of(1))
  let links = 0
  let before: SimulatedDisk | undefined
  disk.onMutation = mutation => {
    // The object and the record have their names; next is the file of the pointer.
    if (mutation === 'create' && links === 2) before ??= disk.copy()
    if (mutation === 'link') links++
  }
  await chamber.store('b', Uint8Array.of(2))
  await chamber.close()
  before!.capacity = 1000
  before!.capacity = before!.used
  const again = await openOn(before!)
  expect(await again.list()).toEqual(['a', 'b'])
  expect([...before!.files().keys()].filter(path => path.includes('/head/')).map(path => path.at(-1))).toEqual(['2'])
  await again.close()
})
