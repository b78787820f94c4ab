import { isSttError, type SttError } from '@stt/errors'
import { expect, test } from 'vitest'
import type { Chamber } from '../src/index.ts'
import { Model } from './model.ts'
import { seededBytes, seeds } from './random.ts'
import { openOn, runScenario } from './scenario.ts'
import { fileError, type Mutation, SimulatedDisk } from './simulated-disk.ts'

type Moment = 'onMutation' | 'afterMutation'

/** Lets mutation number `position` fail once, before or after it took effect. */
function failOnce(disk: SimulatedDisk, position: number, when: Moment): void {
  let count = 0
  disk[when] = () => {
    if (count++ === position) throw fileError('EIO')
  }
}

/** The mutations of the scenario on a disk that does not fail, as they begin or as they end. */
async function listMutations(when: Moment): Promise<Mutation[]> {
  const disk = new SimulatedDisk()
  const mutations: Mutation[] = []
  disk[when] = mutation => mutations.push(mutation)
  const chamber = await openOn(disk)
  await runScenario(chamber, new Model())
  await chamber.close()
  return mutations
}

/** The error that a chamber gives is its own, with the disk's as the cause. */
function expectStoreFailure(error: unknown): void {
  expect(isSttError(error, 'STT_CHAMBER_STORE') ? '' : error).toBe('')
}

// spec: STT-CHA-9 STT-CHA-14 STT-CHA-18
test('a disk that fails once, anywhere, takes nothing: objects are old or new, now and after a loss of power', async () => {
  const faults: [number, Moment][] = []
  for (const position of (await listMutations('onMutation')).keys()) faults.push([position, 'onMutation'])
  for (const [position, mutation] of (await listMutations('afterMutation')).entries()) {
    // A file that was not made and one that is empty, or half of one, are the same: it is deleted.
    if (mutation !== 'create' && mutation !== 'write') faults.push([position, 'afterMutation'])
  }
  for (const [index, [position, when]] of faults.entries()) {
    // In a short run half of them, of either parity.
    if (seeds.length === 1 && index % 4 > 1) continue
    const disk = new SimulatedDisk()
    const model = new Model()
    failOnce(disk, position, when)
    const chamber = await openOn(disk).catch((error: unknown) => error as SttError)
    if (chamber instanceof Error) {
      expectStoreFailure(chamber)
    } else {
      await runScenario(chamber, model, true)
      await model.verify(chamber)
      await chamber.close()
    }
    expect(disk.openFiles, `files left open after mutation ${position} failed (${when})`).toBe(0)
    disk[when] = () => {}
    // A short run takes turns: the two disks differ only in unacknowledged data.
    const disks = [disk.afterPowerLoss('nothing'), disk].filter((_, i) => seeds.length > 1 || i === position % 2)
    for (const later of disks) {
      const expected = model.snapshot()
      const again = await openOn(later)
      await expected.verify(again).catch(error => {
        throw new Error(`mutation ${position} failed (${when})`, { cause: error })
      })
      await expected.store(again, 'after', seededBytes(77, 50))
      await expected.verify(again)
      await again.close()
    }
  }
})

test('a full disk is a typed error that says so, and the chamber goes on when there is space', async () => {
  const disk = new SimulatedDisk()
  const model = new Model()
  const chamber = await openOn(disk)
  await model.store(chamber, 'a', seededBytes(1, 1000))

  const needed: Mutation[] = ['create', 'write']
  disk.onMutation = mutation => {
    if (needed.includes(mutation)) throw fileError('ENOSPC')
  }
  const error: unknown = await chamber.store('a', seededBytes(2, 100_000)).catch(caught => caught)
  expectStoreFailure(error)
  expect(error).toMatchObject({ details: { code: 'ENOSPC' }, cause: { code: 'ENOSPC' } })
  expect(String(error)).toContain('the disk is full')
  await expect(chamber.delete('a')).rejects.toMatchObject({ code: 'STT_CHAMBER_STORE' })
  await model.verify(chamber)

  disk.onMutation = () => {}
  await model.store(chamber, 'b', seededBytes(3, 100_000))
  await model.delete(chamber, 'a')
  await model.verify(chamber)
  await chamber.close()
})

test('streams that are left early, never begun or read to the end leave no file open', async () => {
  const disk = new SimulatedDisk()
  const chamber = await openOn(disk)
  await chamber.store('a', seededBytes(1, 100_000))
  for (const range of [{}, { start: 20_000 }, { start: 1, end: 2 }, { start: 90_000, end: 100_000 }]) {
    for await (const _ of (await chamber.retrieveStream('a', range))!) break
    for await (const _ of (await chamber.retrieveStream('a', range))!);
    await (await chamber.retrieveStream('a', range))!.return!()
    await chamber.retrieveStream('a', range)
  }
  expect(disk.openFiles).toBe(0)
  const stream = (await chamber.retrieveStream('a'))!
  await stream.next()
  expect(disk.openFiles).toBe(1)
  await chamber.close()
  await expect(stream.next()).rejects.toMatchObject({ code: 'STT_CLOSED' })
  expect(disk.openFiles).toBe(0)
})

test('a checkpoint that finds no space costs nothing but a longer log, and comes later', async () => {
  const disk = new SimulatedDisk()
  const model = new Model()
  const chamber = await openOn(disk)
  let failures = 0
  let path = ''
  const { link } = disk
  disk.link = async (existing, name) => {
    path = name
    if (name.includes('/cp/') && failures++ < 2) throw fileError('ENOSPC')
    return link.call(disk, existing, name)
  }
  for (let i = 0; i < 16; i++) await model.store(chamber, 'a', seededBytes(i, 10))
  await untilIdle(chamber)
  expect(path).not.toBe('')
  expect(chamber.getStatistics()).toMatchObject({ failedCheckpoints: 2, checkpoints: 1 })
  await chamber.close()
  const again = await openOn(disk)
  await model.verify(again)
  await again.close()
})

test('a record of which it is unknown whether it is there stops the writer, and opening again tells', async () => {
  const disk = new SimulatedDisk()
  const model = new Model()
  const chamber = await openOn(disk)
  await model.store(chamber, 'a', seededBytes(1, 10))
  // The folder of the log cannot be made safe: the record has its name, and may lose it.
  let links = 0
  disk.afterMutation = mutation => {
    if (mutation === 'link') links++
  }
  disk.onMutation = mutation => {
    if (mutation === 'sync' && links === 2) throw fileError('EIO')
  }
  await expect(model.store(chamber, 'a', seededBytes(2, 10))).rejects.toThrow('close the chamber and open it again')
  disk.onMutation = () => {}
  await expect(model.store(chamber, 'b', seededBytes(3, 10))).rejects.toMatchObject({ code: 'STT_CHAMBER_STORE' })
  await model.verify(chamber)
  await chamber.close()
  for (const later of [disk.afterPowerLoss('nothing'), disk.afterPowerLoss('everything'), disk]) {
    const again = await openOn(later)
    await model.verify(again)
    await again.close()
  }
})

/** A checkpoint is written beside the calls that made it due. */
async function untilIdle(chamber: Chamber): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await chamber.delete('not there')
}
