import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Driver, range } from '../test/driver.ts'
import { sentPacket } from '../test/packets.ts'
import { SizeSearch } from './size-search.ts'

/** Probes a path that carries `carried` bytes until there is nothing to learn. @returns how many probes it took */
function search(sizes: SizeSearch, carried: number, now: number): number {
  let probes = 0
  for (let size = sizes.probeSize(now); size > 0; size = sizes.probeSize(now)) {
    probes++
    expect(size).toBeGreaterThan(sizes.size)
    sizes.onProbeSent(size)
    expect(sizes.probeSize(now)).toBe(0)
    if (size <= carried) sizes.onProbeAcknowledged(now)
    else sizes.onProbeLost(now)
  }
  return probes
}

describe('the search', () => {
  // spec: STT-REC-31
  test('finds any path’s size within 16 bytes, never believes more than was proved, and ends', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1_200, max: 9_000 }),
        fc.integer({ min: 1_201, max: 9_000 }),
        (carried, ceiling) => {
          const sizes = new SizeSearch(1_200, ceiling)
          const probes = search(sizes, carried, 0)
          expect(sizes.size).toBeLessThanOrEqual(Math.min(carried, ceiling))
          expect(sizes.size).toBeGreaterThan(Math.min(carried, ceiling) - 16)
          expect(probes).toBeLessThan(40)
        },
      ),
    )
  })

  // spec: STT-REC-31
  test('takes one probe where the path carries the ceiling, and none where there is nothing to look for', () => {
    const sizes = new SizeSearch(1_200, 1_452)
    expect(search(sizes, 1_500, 0)).toBe(1)
    expect(sizes.size).toBe(1_452)
    expect(search(new SizeSearch(1_200, 1_200), 1_500, 0)).toBe(0)
  })

  // spec: STT-REC-32
  test('gives a size up after three losses, not one', () => {
    const sizes = new SizeSearch(1_200, 1_452)
    for (let i = 0; i < 2; i++) {
      expect(sizes.probeSize(0)).toBe(1_452)
      sizes.onProbeSent(1_452)
      sizes.onProbeLost(0)
    }
    expect(search(sizes, 1_452, 0)).toBe(1)
    expect(sizes.size).toBe(1_452)
  })

  // spec: STT-REC-33
  test('falls back when nothing arrives at all, once, and looks again a minute later', () => {
    const sizes = new SizeSearch(1_200, 1_452)
    search(sizes, 1_452, 0)
    expect(sizes.fallBack(5_000)).toBe(true)
    expect(sizes.fallBack(5_000)).toBe(false)
    expect(sizes.size).toBe(1_200)
    expect(sizes.probeSize(64_999)).toBe(0)
    expect(sizes.probeSize(65_000)).toBe(1_452)
  })

  test('looks again ten minutes after it ended below the ceiling', () => {
    const sizes = new SizeSearch(1_200, 1_452)
    search(sizes, 1_300, 0)
    expect(sizes.probeSize(599_999)).toBe(0)
    expect(search(sizes, 1_500, 600_000)).toBe(1)
    expect(sizes.size).toBe(1_452)
  })
})

describe('a black hole', () => {
  // spec: STT-REC-33
  test('takes the size back to the base, not before several large packets and a probe timeout were lost', () => {
    const found = (): SizeSearch => {
      const sizes = new SizeSearch(1_200, 1_452)
      search(sizes, 1_500, 0)
      return sizes
    }
    const oneMoment = found()
    for (let i = 0; i < 100; i++) expect(oneMoment.onLost(1_452, 1_000, 50, 1_100)).toBe(false)

    const survivors = found()
    for (let i = 0; i < 100; i++) {
      expect(survivors.onLost(1_452, 1_000 + i * 20, 50, 2_000)).toBe(false)
      if (i % 5 === 4) survivors.onAcknowledged(1_452)
      expect(survivors.onLost(1_200, 1_000 + i * 20, 50, 2_000)).toBe(false)
    }

    const hole = found()
    const fell = range(0, 5).map(i => hole.onLost(1_452, 1_000 + i * 20, 50, 2_000))
    expect(fell).toEqual([false, false, false, false, false, true])
    expect(hole.size).toBe(1_200)
    expect(hole.probeSize(61_999)).toBe(0)
    expect(hole.probeSize(62_000)).toBe(1_452)
  })
})

// spec: STT-REC-33
test('a size that was only expected falls below what it began with: to 1,200, and is looked for again', () => {
  for (const [base, floor] of [
    [60_000, 1_200],
    [1_201, 1_200],
    [1_200, 1_200],
    [600, 600],
  ] as const) {
    // biome-ignore format: one line
    const sizes = new SizeSearch(base, 0)
    expect(sizes.size).toBe(base)
    expect(sizes.fallBack(5_000)).toBe(base > floor)
    expect(sizes.size).toBe(floor)
    expect(sizes.probeSize(64_999)).toBe(0)
    expect(sizes.probeSize(65_000)).toBe(base > floor ? base : 0)
    search(sizes, 1_472, 65_000)
    expect(sizes.size).toBeGreaterThan(Math.min(1_472, base) - 16)
  }
  const hole = new SizeSearch(60_000, 60_000)
  const fell = range(0, 5).map(i => hole.onLost(60_000, 1_000 + i * 20, 50, 2_000))
  expect(fell).toEqual([false, false, false, false, false, true])
  expect(hole.size).toBe(1_200)
})

describe('in the recovery', () => {
  // spec: STT-REC-33
  test('datagrams of 60,000 bytes that all vanish shrink with the third probe timeout in a row, not with the second', () => {
    const { recovery } = new Driver({ maxDatagramSize: 60_000 })
    recovery.onPacketSent(sentPacket(0, 0, 60_000), 0)
    const sizes: number[] = []
    for (let fired = 0; fired < 3; fired++) {
      recovery.onTime([], recovery.deadline)
      sizes.push(recovery.packetSize)
      recovery.onPacketSent(sentPacket(fired + 1, recovery.deadline, 60_000), recovery.deadline)
    }
    expect(sizes).toEqual([60_000, 60_000, 1_200])
  })

  // spec: STT-REC-32
  test('a lost probe is reported but is no congestion; an acknowledged one raises the datagram size', () => {
    const { recovery } = new Driver({ probeUpTo: 1_452 })
    const window = recovery.getStatistics().congestionWindow
    for (const outcome of ['lost', 'arrived'] as const) {
      const first = outcome === 'lost' ? 0 : 10
      const now = first * 10
      expect(recovery.sizeProbe(now)).toBe(1_452)
      const probe = sentPacket(first, now, 1_452)
      const later = range(first + 1, first + 3).map(number => sentPacket(number, now))
      for (const packet of [probe, ...later]) recovery.onPacketSent(packet, now)
      recovery.congestion.onApplicationLimited()
      const lost: ReturnType<typeof sentPacket>[] = []
      recovery.onAcknowledged(outcome === 'lost' ? later : [probe, ...later], now, 0, lost, now + 10)
      expect(lost).toEqual(outcome === 'lost' ? [probe] : [])
      expect(recovery.getStatistics()).toMatchObject({ congestionWindow: window, bytesInFlight: 0 })
    }
    expect(recovery.packetSize).toBe(1_452)
    expect(recovery.sizeProbe(1_000)).toBe(0)
  })
})
