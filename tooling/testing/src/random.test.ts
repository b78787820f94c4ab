import { expect, test } from 'vitest'
import { measureMemory } from './memory.ts'
import { createRandom, forEachSeed } from './random.ts'

test('a seed fixes the sequence; forks are independent of it and of each other', () => {
  const first = createRandom(7)
  const again = createRandom(7)
  expect([first.next(), first.next()]).toEqual([again.next(), again.next()])
  const fork = createRandom(7).fork('a').bytes(16)
  const used = createRandom(7)
  used.bytes(1_000)
  expect(used.fork('a').bytes(16)).toEqual(fork)
  expect(used.fork('b').bytes(16)).not.toEqual(fork)
})

test('draws are spread evenly', () => {
  const random = createRandom(1)
  const counts = new Array<number>(10).fill(0)
  for (let i = 0; i < 100_000; i++) counts[random.integer(10)]!++
  for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500)
})

test('a failure names its seed', async () => {
  await expect(
    forEachSeed(5, seed => {
      if (seed === 4) throw new Error('no')
    }),
  ).rejects.toThrow('failed with seed 4 (replay alone: STT_SEED=4)')
})

test('measureMemory sees what is held and what was let go', async () => {
  const before = await measureMemory()
  let held: Uint8Array | undefined = new Uint8Array(32 * 1_048_576).fill(1)
  const during = await measureMemory()
  expect(during - before).toBeGreaterThan(held.length * 0.9)
  held = undefined
  expect((await measureMemory()) - before).toBeLessThan(8 * 1_048_576)
})
