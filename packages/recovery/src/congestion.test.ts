import { describe, expect, test } from 'vitest'
import { Driver, range } from '../test/driver.ts'
import { initialWindow, minimumWindow } from './congestion-controller.ts'
import { Cubic } from './cubic.ts'
import { NewReno } from './new-reno.ts'

const newReno = (): Driver => new Driver({ congestion: size => new NewReno(size) })

/** Fills the window, so that the application does not count as the limit, and acknowledges it all. */
function roundTrip(driver: Driver, at: number, first: number, rtt = 100): number {
  let next = first
  for (let now = at; now < at + rtt; now += 1) {
    while (driver.recovery.congestion.canSend(1_200, now)) driver.send(now, next++)
  }
  driver.acknowledge(at + rtt, range(first, next - 1))
  return next
}

describe('windows', () => {
  // spec: STT-REC-11
  test('the initial window is ten datagrams, within 14,720 bytes or two datagrams', () => {
    expect(initialWindow(1_200)).toBe(12_000)
    expect(initialWindow(1_452)).toBe(14_520)
    expect(initialWindow(9_000)).toBe(18_000)
    expect(initialWindow(2_000)).toBe(14_720)
  })

  // spec: STT-REC-12
  test('the window never falls below two datagrams', () => {
    for (const recovery of [new NewReno(1_200), new Cubic(1_200)]) {
      for (let i = 0; i < 20; i++) recovery.onCongestion()
      expect(recovery.window).toBe(minimumWindow(1_200))
    }
  })

  // spec: STT-REC-10
  test('nothing but probes leaves when the window is full', () => {
    const driver = newReno()
    driver.send(0, ...range(0, 9))
    expect(driver.recovery.congestion.canSend(1_200, 0)).toBe(false)
    expect(driver.recovery.congestion.deadline(0)).toBe(Number.POSITIVE_INFINITY)
    driver.acknowledge(100, [0])
    expect(driver.recovery.congestion.canSend(1_200, 100)).toBe(true)
  })
})

describe('what only loopback carries', () => {
  const ample = (size: number): NewReno => {
    const controller = new NewReno(size)
    const acknowledged = { bytes: 2 ** 30, sentAt: 0, applicationLimited: false, smoothedRtt: 1, latestRtt: 1 }
    controller.onAcknowledged(acknowledged)
    return controller
  }
  const mayHaveInFlight = (size: number): number =>
    new Driver({ maxDatagramSize: size, congestion: ample }).recovery.getStatistics().congestionWindow

  test('of datagrams too large for any wire 96 are in flight at most: the peer has a socket buffer, and no network helps', () => {
    expect(mayHaveInFlight(61_440)).toBe(96 * 61_440)
    expect(mayHaveInFlight(9_217)).toBe(96 * 9_217)
  })

  test('of others as many as congestion control allows', () => {
    expect(mayHaveInFlight(9_216)).toBeGreaterThan(2 ** 30)
    expect(mayHaveInFlight(1_200)).toBeGreaterThan(2 ** 30)
  })
})

describe('NewReno', () => {
  test('doubles in slow start, then halves at a loss, then grows by one datagram a round trip', () => {
    const driver = newReno()
    let next = roundTrip(driver, 0, 0)
    expect(driver.window).toBe(24_000)
    next = roundTrip(driver, 100, next)
    expect(driver.window).toBe(48_000)
    driver.send(200, ...range(next, next + 3))
    driver.acknowledge(300, range(next + 1, next + 3))
    expect(driver.window).toBe(24_000)
    next = roundTrip(driver, 301, next + 4)
    expect(driver.window).toBeGreaterThan(24_000 + 1_000)
    expect(driver.window).toBeLessThanOrEqual(24_000 + 1_200)
  })
})

describe('congestion events', () => {
  // spec: STT-REC-13
  test('losses of one round trip are one event, and what was sent before it does not grow the window', () => {
    for (const driver of [newReno(), new Driver()]) {
      driver.send(0, ...range(0, 9))
      const before = driver.window
      expect(driver.acknowledge(100, [3])).toEqual([0])
      const reduced = driver.window
      expect(reduced).toBeLessThan(before)
      expect(driver.acknowledge(101, [9])).toEqual([1, 2, 4, 5, 6])
      expect(driver.window).toBe(reduced)
      driver.timeout(500)
      driver.send(501, ...range(20, 24))
      expect(driver.acknowledge(600, range(21, 24))).toEqual([20])
      expect(driver.window).toBeLessThan(reduced)
    }
  })

  // spec: STT-REC-15
  test('are undone when every loss of the event was spurious, and only then', () => {
    for (const driver of [newReno(), new Driver()]) {
      let next = roundTrip(driver, 0, 0)
      next = roundTrip(driver, 100, next)
      const before = driver.window
      driver.send(200, ...range(next, next + 5))
      expect(driver.acknowledge(300, [next + 5])).toEqual([next, next + 1, next + 2])
      expect(driver.window).toBeLessThan(before)
      driver.acknowledge(301, [next, next + 1], { isSample: false })
      expect(driver.window).toBeLessThan(before)
      driver.acknowledge(302, [next + 2], { isSample: false })
      expect(driver.window).toBeGreaterThanOrEqual(before)
      expect(driver.recovery.getStatistics()).toMatchObject({ packetsLost: 3, packetsSpuriouslyLost: 3 })
      expect(driver.inFlight).toBe(2 * 1_200)
    }
  })

  // spec: STT-REC-15
  test('are not undone by a spurious loss of an earlier event', () => {
    const driver = newReno()
    const next = roundTrip(driver, 100, roundTrip(driver, 0, 0))
    driver.send(200, ...range(next, next + 3))
    expect(driver.acknowledge(300, range(next + 1, next + 3))).toEqual([next])
    const second = next + 4
    driver.send(301, ...range(second, second + 3))
    expect(driver.acknowledge(401, range(second + 1, second + 3))).toEqual([second])
    const reduced = driver.window
    driver.acknowledge(402, [next], { isSample: false })
    expect(driver.window).toBe(reduced)
    driver.acknowledge(403, [second], { isSample: false })
    expect(driver.window).toBeGreaterThan(reduced)
  })

  // spec: STT-REC-14
  test('losing everything for three probe timeouts takes the window to its minimum; one survivor prevents that', () => {
    for (const survivor of [false, true]) {
      const driver = newReno()
      const [a, b, c, d] = range(roundTrip(driver, 100, roundTrip(driver, 0, 0)), 1_000) as [
        number,
        number,
        number,
        number,
      ]
      const duration = 3 * driver.recovery.probeTimeout
      driver.send(200, a)
      driver.send(200 + duration / 2, b)
      driver.send(201 + duration, c)
      driver.send(202 + duration, d, d + 1, d + 2)
      if (survivor) driver.acknowledge(300 + duration / 2, [b], { isSample: false })
      const lost = driver.acknowledge(302 + duration, [d + 2])
      expect(lost).toEqual(survivor ? [c] : [a, b, c])
      // The ACK that shows it has already begun another slow start.
      expect(driver.window <= minimumWindow(1_200) + 1_200).toBe(!survivor)
    }
  })

  // spec: STT-REC-14
  test('packets sent before the first round trip was known prove no persistent congestion', () => {
    const driver = newReno()
    driver.send(0, 0)
    driver.send(5_000, 1)
    driver.send(10_000, 2, 3, 4, 5)
    driver.acknowledge(10_010, [5])
    expect(driver.window).toBeGreaterThan(minimumWindow(1_200))
  })

  // spec: STT-REC-16
  test('a window that the application does not fill does not grow', () => {
    for (const driver of [newReno(), new Driver()]) {
      const before = driver.window
      for (let i = 0; i < 50; i++) {
        driver.send(i * 100, i)
        driver.recovery.congestion.onApplicationLimited()
        driver.acknowledge(i * 100 + 50, [i])
      }
      expect(driver.window).toBe(before)
    }
  })
})

// spec: STT-REC-16
test('a window of which less than half is used does not grow, whatever the limit is', () => {
  const driver = newReno()
  const next = roundTrip(driver, 100, roundTrip(driver, 0, 0))
  expect(driver.window).toBe(48_000)
  driver.send(300, ...range(next, next + 18))
  driver.acknowledge(400, range(next, next + 18))
  expect(driver.window).toBe(48_000)
  driver.send(400, ...range(next + 19, next + 38))
  driver.acknowledge(500, range(next + 19, next + 38))
  expect(driver.window).toBe(48_000 + 20 * 1_200)
})

describe('CUBIC', () => {
  const acknowledged = { bytes: 1_200, applicationLimited: false, smoothedRtt: 50, latestRtt: 50 }

  /** One acknowledged segment after another for `seconds`, a window of them each round trip. */
  function avoid(cubic: Cubic, from: number, milliseconds: number): void {
    for (let now = from; now < from + milliseconds; now += (50 * 1_200) / cubic.window) {
      cubic.onAcknowledged({ ...acknowledged, sentAt: now - 50 }, now)
    }
  }

  // spec: STT-REC-17
  test('multiplies by 0.7 at a loss and is back at the old window after K seconds', () => {
    const cubic = new Cubic(1_200)
    while (cubic.window < 1_200_000) cubic.onAcknowledged({ ...acknowledged, bytes: cubic.window, sentAt: 0 }, 0)
    const maximum = cubic.window
    cubic.onCongestion()
    expect(cubic.window).toBeCloseTo(maximum * 0.7, 5)
    const k = Math.cbrt((maximum * 0.3) / 1_200 / 0.4) * 1_000
    avoid(cubic, 0, k)
    expect(cubic.window / maximum).toBeGreaterThan(0.98)
    expect(cubic.window / maximum).toBeLessThan(1.02)
    // As far beyond K as before it: the curve is symmetric about its maximum.
    avoid(cubic, k, k)
    expect(cubic.window / maximum).toBeGreaterThan(1.27)
    expect(cubic.window / maximum).toBeLessThan(1.33)
  })

  // spec: STT-REC-17
  test('a second loss below the last maximum gives way to others', () => {
    const cubic = new Cubic(1_200)
    while (cubic.window < 1_200_000) cubic.onAcknowledged({ ...acknowledged, bytes: cubic.window, sentAt: 0 }, 0)
    cubic.onCongestion()
    const second = cubic.window
    cubic.onCongestion()
    const maximum = (second * 1.7) / 2
    avoid(cubic, 0, Math.cbrt((maximum - second * 0.7) / 1_200 / 0.4) * 1_000)
    expect(cubic.window / maximum).toBeGreaterThan(0.98)
    expect(cubic.window / maximum).toBeLessThan(1.02)
  })

  // spec: STT-REC-17
  test('grows at least as Reno would where the window is small', () => {
    const cubic = new Cubic(1_200)
    cubic.onCongestion()
    const before = cubic.window
    avoid(cubic, 0, 50 * 20)
    // 20 round trips at 0.53 segments each until the old window, then one each.
    expect(cubic.window - before).toBeGreaterThan(20 * 0.52 * 1_200)
  })

  // spec: STT-REC-16
  test('time limited by the application is not time on the curve', () => {
    const [busy, paused] = [new Cubic(1_200), new Cubic(1_200)] as const
    for (const cubic of [busy, paused]) {
      while (cubic.window < 1_200_000) cubic.onAcknowledged({ ...acknowledged, bytes: cubic.window, sentAt: 0 }, 0)
      cubic.onCongestion()
      avoid(cubic, 0, 1_000)
    }
    paused.onAcknowledged({ ...acknowledged, applicationLimited: true, sentAt: 1_000 }, 1_000)
    avoid(busy, 1_000, 1_000)
    avoid(paused, 61_000, 1_000)
    expect(paused.window / busy.window).toBeGreaterThan(0.99)
    expect(paused.window / busy.window).toBeLessThan(1.01)
  })
})
