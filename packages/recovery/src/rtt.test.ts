import { describe, expect, test } from 'vitest'
import { RttEstimator } from './rtt.ts'

// spec: STT-PKT-20
describe('RttEstimator', () => {
  test('before the first sample the probe timeout is a second', () => {
    const rtt = new RttEstimator()
    expect([rtt.known, rtt.smoothed, rtt.min]).toEqual([false, 0, Number.POSITIVE_INFINITY])
    expect(rtt.probeTimeout(25)).toBe(1_000)
  })

  test('the first sample counts as it is, delay or not', () => {
    const rtt = new RttEstimator()
    rtt.update(40, 30)
    expect([rtt.latest, rtt.min, rtt.smoothed, rtt.variation]).toEqual([40, 40, 40, 20])
    expect(rtt.probeTimeout(25)).toBe(40 + 80 + 25)
  })

  test('later ones are weighed in as RFC 9002 §5.3 has it', () => {
    const rtt = new RttEstimator()
    rtt.update(40, 0)
    rtt.update(80, 16)
    expect(rtt.variation).toBe((3 * 20 + 24) / 4)
    expect(rtt.smoothed).toBe((7 * 40 + 64) / 8)
  })

  test('a delay is not subtracted where that would make the path shorter than it ever was', () => {
    const rtt = new RttEstimator()
    rtt.update(40, 0)
    rtt.update(45, 10)
    expect(rtt.smoothed).toBe((7 * 40 + 45) / 8)
    expect(rtt.min).toBe(40)
  })

  test('the variation counts for a millisecond at least', () => {
    const rtt = new RttEstimator()
    for (let i = 0; i < 100; i++) rtt.update(10, 0)
    expect(rtt.probeTimeout(0)).toBe(11)
  })
})
