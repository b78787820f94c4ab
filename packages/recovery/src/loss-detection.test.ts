import { describe, expect, test } from 'vitest'
import { Driver, range } from '../test/driver.ts'

describe('loss by packets overtaken', () => {
  // spec: STT-REC-2
  test('a packet is lost when three of the path sent after it are acknowledged up to, not two', () => {
    const driver = new Driver()
    driver.send(0, 0, 1, 2, 3, 4)
    expect(driver.acknowledge(10, [2])).toEqual([])
    expect(driver.acknowledge(10, [3])).toEqual([0])
    expect(driver.acknowledge(10, [4])).toEqual([1])
    expect(driver.inFlight).toBe(0)
  })

  // spec: STT-REC-2
  test('numbers that the path did not carry do not count', () => {
    const driver = new Driver()
    driver.send(0, 0, 10, 20)
    expect(driver.acknowledge(10, [20])).toEqual([])
    driver.send(10, 30)
    expect(driver.acknowledge(10, [30], { isSample: false })).toEqual([0])
  })
})

describe('loss by time', () => {
  // spec: STT-REC-3
  test('an overtaken packet is lost 9/8 of the round trip after it was sent', () => {
    const driver = new Driver()
    driver.send(0, 0)
    driver.send(8, 1)
    expect(driver.acknowledge(108, [1])).toEqual([])
    expect(driver.recovery.deadline).toBe(112.5)
    expect(driver.timeout(112.4)).toEqual([])
    expect(driver.timeout(112.5)).toEqual([0])
    expect(driver.recovery.deadline).toBe(Number.POSITIVE_INFINITY)
  })

  // spec: STT-REC-3
  test('the larger of latest and smoothed round trip decides, and never less than a millisecond', () => {
    const driver = new Driver()
    driver.send(0, 0)
    driver.acknowledge(100, [0])
    driver.send(100, 1)
    driver.send(101, 2)
    driver.acknowledge(121, [2])
    expect(driver.recovery.rtt.smoothed).toBe(90)
    expect(driver.recovery.deadline).toBe(100 + 90 * (9 / 8))

    const fast = new Driver()
    fast.send(0, 0, 1)
    fast.acknowledge(0.125, [1])
    expect(fast.recovery.deadline).toBe(1)
  })

  test('packets above the largest acknowledged are never judged', () => {
    const driver = new Driver()
    driver.send(0, ...range(0, 5))
    driver.acknowledge(10, [0])
    expect(driver.timeout(30)).toEqual([])
    expect(driver.inFlight).toBe(5 * 1_200)
  })
})

describe('probe timeout', () => {
  // spec: STT-REC-4
  test('is a second before a round trip is known, then srtt + 4 rttvar + the peer’s delay after the last packet', () => {
    const driver = new Driver()
    driver.send(0, 0)
    expect(driver.recovery.deadline).toBe(1_000)
    driver.send(300, 1)
    expect(driver.recovery.deadline).toBe(1_300)
    driver.acknowledge(400, [1])
    // The first sample: smoothed 100, variation 50.
    expect(driver.recovery.probeTimeout).toBe(100 + 200 + 25)
    driver.send(500, 2)
    expect(driver.recovery.deadline).toBe(825)
  })

  // spec: STT-REC-5
  test('asks for two probes, doubles up to two seconds, and declares nothing lost', () => {
    const driver = new Driver()
    driver.send(0, ...range(0, 3))
    driver.acknowledge(100, [0])
    const timeout = driver.recovery.probeTimeout
    const window = driver.window
    const inFlight = driver.inFlight
    for (let i = 0, at = 0; i < 5; i++) {
      at += Math.min(timeout * 2 ** i, 2_000)
      expect(driver.recovery.deadline).toBe(at)
      expect(driver.timeout(at)).toEqual([])
      expect(driver.recovery.probesWanted).toBe(2)
      driver.send(at, 10 + 2 * i, 11 + 2 * i)
      expect(driver.recovery.probesWanted).toBe(0)
    }
    expect(driver.window).toBe(window)
    expect(driver.inFlight).toBe(inFlight + 10 * 1_200)
    expect(driver.recovery.getStatistics().probesSent).toBe(10)
  })

  // spec: STT-REC-4
  test('is never cut below one probe timeout', () => {
    const driver = new Driver()
    driver.send(0, 0)
    driver.acknowledge(1_000, [0])
    driver.send(1_000, 1)
    const { probeTimeout } = driver.recovery
    expect(probeTimeout).toBe(3_025)
    driver.timeout(1_000 + probeTimeout)
    driver.send(1_000 + probeTimeout, 2, 3)
    expect(driver.recovery.deadline).toBe(1_000 + 2 * probeTimeout)
  })

  // spec: STT-REC-4
  test.each([
    [3_310, 3_310 + 4 * 1_655 + 25],
    [3_330, 10_000],
    [70_000, 10_000],
  ])('is no longer than ten seconds, whatever an ACK of %i ms says', (roundTrip, interval) => {
    const driver = new Driver()
    driver.send(0, 0)
    driver.acknowledge(roundTrip, [0])
    driver.send(roundTrip, 1)
    expect(driver.recovery.deadline).toBe(roundTrip + interval)
  })

  // spec: STT-REC-6
  test('an acknowledgement ends the backoff', () => {
    const driver = new Driver()
    driver.send(0, 0)
    driver.acknowledge(100, [0])
    driver.send(100, 1)
    driver.timeout(driver.recovery.deadline)
    driver.send(425, 2, 3)
    expect(driver.recovery.deadline).toBe(425 + 2 * driver.recovery.probeTimeout)
    driver.acknowledge(525, [2])
    const { probeTimeout, deadline } = driver.recovery
    expect(deadline).toBe(425 + probeTimeout)
  })

  test('is off when nothing is in flight', () => {
    const driver = new Driver()
    expect(driver.recovery.deadline).toBe(Number.POSITIVE_INFINITY)
    driver.send(0, 0)
    driver.acknowledge(1, [0])
    expect(driver.recovery.deadline).toBe(Number.POSITIVE_INFINITY)
  })
})

describe('round-trip samples', () => {
  // spec: STT-REC-1
  test('come only from the largest number of an ACK, newly acknowledged, and not after a stall', () => {
    const driver = new Driver()
    driver.send(0, 0, 1, 2, 3)
    driver.acknowledge(50, [0], { isSample: false })
    expect(driver.recovery.rtt.known).toBe(false)
    driver.acknowledge(60, [1])
    expect(driver.recovery.rtt.latest).toBe(60)
    driver.recovery.onStall(900)
    driver.acknowledge(900, [2])
    expect(driver.recovery.rtt.latest).toBe(60)
    driver.send(900, 4)
    driver.acknowledge(970, [4])
    expect(driver.recovery.rtt.latest).toBe(70)
  })
})
