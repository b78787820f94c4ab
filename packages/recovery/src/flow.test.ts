import { forEachSeed } from '@stt/testing'
import { describe, expect, test } from 'vitest'
import { measureCell } from '../test/goodput.ts'
import { createFlow, createFlows } from '../test/run-flow.ts'

const megabit = 1e6 / 8

describe('goodput of one flow', () => {
  test.each([
    { rate: 10e6, rtt: 30, loss: 0 },
    { rate: 10e6, rtt: 50, loss: 0.01 },
    { rate: 10e6, rtt: 300, loss: 0.001 },
    { rate: 1e6, rtt: 100, loss: 0.03 },
  ])('is at least 0.9 of the equation or the rate: $rate bit/s, $rtt ms, loss $loss', cell => {
    expect(measureCell(cell, 1).ratio).toBeGreaterThanOrEqual(0.9)
  })

  test('100 ms without loss fills 1 Gbit/s from the second second on', () => {
    // Datagrams of 6,000 bytes keep the run short; the table in docs/ has those of 1,200.
    const conditions = { rate: 1000 * megabit, delay: 50, queue: 12_500_000 }
    const { flow, loop } = createFlow({ seed: 1, size: 6_000, conditions })
    flow.start()
    loop.runUntil(2_000)
    const before = flow.delivered
    loop.runUntil(4_000)
    expect((flow.delivered - before) * 6_000).toBeGreaterThan(0.95 * 2 * 1000 * megabit)
  })

  test('everything arrives over loss, reorder, duplicates and a dead second, both ways', async () => {
    await forEachSeed(5, seed => {
      const bad = {
        loss: { rate: 0.05, burst: 2 },
        reorder: 0.05,
        duplicate: 0.05,
        blackholes: [[500, 1_500]],
      } as const
      const conditions = { ...bad, rate: 20 * megabit, delay: 10, queue: 50_000 }
      const { flow, loop, counters } = createFlow({ seed, packets: 5_000, conditions, back: { ...bad, delay: 10 } })
      flow.start()
      expect(loop.runWhileNot(() => flow.done, 60_000)).toBe(true)
      const { lost, reordered, duplicated, blackholed } = counters
      expect(Math.min(lost, reordered, duplicated, blackholed, flow.retransmitted)).toBeGreaterThan(0)
      loop.runUntil(loop.now + 10_000)
      expect(flow.recovery.getStatistics().bytesInFlight).toBe(0)
      expect(flow.recovery.deadline).toBe(Number.POSITIVE_INFINITY)
    })
  })

  test('reordering alone costs little: what looked lost is undone', () => {
    const conditions = { delay: 20, reorder: 0.01, reorderDelay: 8 }
    const { flow, loop } = createFlow({ seed: 1, conditions, production: 2 })
    flow.start()
    loop.runUntil(10_000)
    const { packetsLost, packetsSpuriouslyLost, congestionWindow } = flow.recovery.getStatistics()
    expect(packetsLost).toBeGreaterThan(50)
    expect(packetsSpuriouslyLost).toBeGreaterThan(0.95 * packetsLost)
    // Two packets a millisecond need 80 of them in flight.
    expect(congestionWindow).toBeGreaterThan(80 * 1_200)
    expect(flow.delivered).toBeGreaterThan(0.95 * 2 * 10_000)
  })

  test('a path that comes back is noticed within the probe interval', () => {
    const conditions = { rate: 10 * megabit, delay: 15, queue: 37_500, blackholes: [[1_000, 16_000]] } as const
    const { flow, loop } = createFlow({ seed: 1, conditions })
    flow.start()
    loop.runUntil(16_000)
    const before = flow.delivered
    loop.runUntil(18_100)
    expect(flow.delivered).toBeGreaterThan(before)
  })

  test('an application that is the limit leaves the window where it was', () => {
    const conditions = { rate: 100 * megabit, delay: 20 }
    const { flow, loop } = createFlow({ seed: 1, conditions, production: 0.1 })
    flow.start()
    loop.runUntil(20_000)
    expect(flow.delivered).toBeGreaterThan(1_900)
    expect(flow.recovery.getStatistics().congestionWindow).toBe(12_000)
  })
})

describe('two flows through one bottleneck', () => {
  test('share it within ten per cent, the later one too, and fill it', () => {
    const totals = [0, 0]
    for (const seed of [1, 2, 3, 4]) {
      // The jitter keeps the flows from falling into step, as no real network would let them.
      const conditions = { rate: 20 * megabit, delay: 15, jitter: 2, queue: 75_000 }
      const flows = createFlows({ seed, conditions }, 2)
      const { loop } = flows[0]!
      flows[0]!.flow.start()
      loop.schedule(3_000, () => flows[1]!.flow.start())
      loop.runUntil(30_000)
      const before = flows.map(({ flow }) => flow.delivered)
      loop.runUntil(90_000)
      flows.forEach(({ flow }, i) => {
        totals[i]! += flow.delivered - before[i]!
      })
    }
    const [first, second] = totals as [number, number]
    expect(Math.max(first, second) / Math.min(first, second)).toBeLessThan(1.1)
    expect((first + second) * 1_200).toBeGreaterThan(0.95 * 4 * 60 * 20 * megabit)
  })
})
