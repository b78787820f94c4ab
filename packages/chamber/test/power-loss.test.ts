import { expect, test } from 'vitest'
import { Model } from './model.ts'
import { seeded, seededBytes, seeds } from './random.ts'
import { openOn, runAtRandom, runScenario } from './scenario.ts'
import { SimulatedDisk, type Survival } from './simulated-disk.ts'

interface Moment {
  readonly what: string
  readonly disk: SimulatedDisk
  readonly expected: Model
}

/** The disk before every single thing that a chamber does to it, from its making to its end, and what it then must hold. */
async function recordMoments(durability?: 'relaxed', run = runScenario): Promise<Moment[]> {
  const disk = new SimulatedDisk()
  const model = new Model()
  const moments: Moment[] = []
  const record = (what: string): void => {
    moments.push({ what: `${moments.length}: ${what}`, disk: disk.copy(), expected: model.snapshot() })
  }
  disk.onMutation = record
  const chamber = await openOn(disk, durability && { durability })
  await run(chamber, model)
  await chamber.close()
  record('closed')
  expect(chamber.getStatistics().checkpoints).toBeGreaterThanOrEqual(2)
  return moments
}

async function reopenAndCheck(disk: SimulatedDisk, expected: Model): Promise<void> {
  const chamber = await openOn(disk)
  await expected.verify(chamber)
  // It goes on as if nothing had been.
  await expected.store(chamber, 'a', seededBytes(99, 100))
  await expected.store(chamber, 'new', seededBytes(98, 100))
  await expected.delete(chamber, 'd')
  await expected.verify(chamber)
  await chamber.close()
  const again = await openOn(disk)
  await expected.verify(again)
  expect(again.getStatistics()).toMatchObject({ droppedRecords: 0, removedObjects: 0 })
  await again.close()
}

// spec: STT-CHA-9 STT-CHA-14 STT-CHA-17 STT-CHA-20
test('a loss of power at any moment leaves every object old or new, and all that was acknowledged', async () => {
  const survivals: (readonly [string, () => Survival])[] = [
    ['nothing', () => 'nothing'],
    ['everything', () => 'everything'],
    ...seeds.map(seed => [`by chance ${seed}`, () => seeded(seed)] as const),
  ]
  const moments = await recordMoments()
  expect(moments.length).toBeGreaterThan(200)
  for (const [index, { what, disk, expected }] of moments.entries()) {
    for (const [position, [name, survival]] of survivals.entries()) {
      // In a short run the one that takes all that it can, and the others in turn.
      if (seeds.length === 1 && position > 0 && index % 2 !== position % 2) continue
      await reopenAndCheck(disk.afterPowerLoss(survival()), expected.snapshot()).catch(error => {
        throw new Error(`power lost before ${what}, and of what was not safe survived ${name}`, { cause: error })
      })
    }
  }
})

test('the same for calls by chance', async () => {
  for (const seed of seeds) {
    const random = seeded(seed)
    const moments = await recordMoments(undefined, (chamber, model) => runAtRandom(chamber, model, random))
    for (const { what, disk, expected } of moments) {
      if (random() < 0.8) continue
      await reopenAndCheck(disk.afterPowerLoss(random), expected).catch(error => {
        throw new Error(`seed ${seed}, power lost before ${what}`, { cause: error })
      })
    }
  }
})

// spec: STT-CHA-12
test('the end of the process at any moment loses nothing that was acknowledged, relaxed or not', async () => {
  for (const { what, disk, expected } of await recordMoments('relaxed')) {
    await reopenAndCheck(disk.afterPowerLoss('everything'), expected).catch(error => {
      throw new Error(`the process ended before ${what}`, { cause: error })
    })
  }
})

test('the simulated power loss is real: without fsync acknowledged objects are lost', async () => {
  const moments = await recordMoments('relaxed')
  const { disk, expected } = moments.at(-1)!
  await expect(reopenAndCheck(disk.afterPowerLoss('nothing'), expected)).rejects.toThrow()
})
