import { expect, test } from 'vitest'
import { createRandom } from './random.ts'
import { VirtualLoop } from './virtual-loop.ts'
import { VirtualPath, type VirtualPathOptions } from './virtual-path.ts'

function pathOf(conditions: VirtualPathOptions<number>['conditions']) {
  const loop = new VirtualLoop()
  const arrivals: { item: number; at: number }[] = []
  const path = new VirtualPath<number>({
    loop,
    random: createRandom(1),
    conditions: { ...conditions },
    deliver: item => arrivals.push({ item, at: loop.now }),
  })
  return { loop, path, arrivals }
}

test.each([
  { rate: 0.1, burst: 1, meanLength: 1 / 0.9 },
  { rate: 0.1, burst: 4, meanLength: 4 },
  { rate: 0.3, burst: 3, longest: 5, meanLength: 3 * (1 - (2 / 3) ** 5) },
])('loss has the rate and the lengths that were asked for: $rate, $burst', ({ meanLength, ...loss }) => {
  const { loop, path, arrivals } = pathOf({ loss })
  const count = 100_000
  for (let i = 0; i < count; i++) path.send(i, 1)
  loop.runUntil(10)
  expect(path.counters.lost / count).toBeCloseTo(loss.rate, 2)
  const runs = arrivals.map(({ item }, i) => item - (arrivals[i - 1]?.item ?? -1) - 1).filter(length => length > 0)
  expect(path.counters.lost / runs.length / meanLength).toBeCloseTo(1, 1)
  expect(runs.reduce((a, b) => Math.max(a, b), 0)).toBeLessThanOrEqual(loss.longest ?? Number.POSITIVE_INFINITY)
})

test('a bottleneck spaces packets and drops from the tail of a full queue', () => {
  const { loop, path, arrivals } = pathOf({ delay: 5, rate: 100_000, queue: 3_000 })
  for (let i = 0; i < 6; i++) path.send(i, 1_000)
  loop.runUntil(100)
  expect(arrivals).toEqual([
    { item: 0, at: 15 },
    { item: 1, at: 25 },
    { item: 2, at: 35 },
  ])
  expect(path.counters.overflowed).toBe(3)
  path.send(9, 1_000)
  loop.runUntil(200)
  expect(arrivals.at(-1)).toEqual({ item: 9, at: 115 })
})

test('jitter keeps the order, reordering does not', () => {
  const jittery = pathOf({ delay: 10, jitter: 50 })
  for (let i = 0; i < 100; i++) jittery.loop.schedule(i, () => jittery.path.send(i, 1))
  jittery.loop.runUntil(1_000)
  expect(jittery.arrivals.map(({ item }) => item)).toEqual(Array.from({ length: 100 }, (_, i) => i))

  const shuffled = pathOf({ reorder: 0.2, reorderDelay: 5 })
  for (let i = 0; i < 100; i++) shuffled.loop.schedule(i, () => shuffled.path.send(i, 1))
  shuffled.loop.runUntil(1_000)
  const overtaken = shuffled.arrivals.filter(({ item }, i) =>
    shuffled.arrivals.slice(0, i).some(other => other.item > item),
  )
  expect(overtaken.length).toBe(shuffled.path.counters.reordered)
  expect(overtaken.length).toBeGreaterThan(5)
})

test('what is too large, chosen, in a blackhole or duplicated is counted', () => {
  const { loop, path, arrivals } = pathOf({ mtu: 1_000, drop: [2], blackholes: [[50, 60]], duplicate: 1 })
  path.send(1, 1_001)
  path.send(2, 1)
  path.send(3, 1)
  loop.schedule(55, () => path.send(4, 1))
  loop.runUntil(100)
  expect(arrivals.map(({ item }) => item)).toEqual([3, 3])
  expect(path.counters).toMatchObject({ sent: 4, tooLarge: 1, lost: 1, blackholed: 1, duplicated: 1, delivered: 2 })
})
