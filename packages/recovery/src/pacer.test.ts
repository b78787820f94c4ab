import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createFlow } from '../test/run-flow.ts'
import { Pacer } from './pacer.ts'

// spec: STT-REC-21
test('over any stretch of time no more leaves than the rate and one burst allow', () => {
  const run = fc.record({
    window: fc.integer({ min: 2_400, max: 10_000_000 }),
    rtt: fc.double({ min: 0.1, max: 500, noNaN: true }),
    steps: fc.array(fc.double({ min: 0, max: 20, noNaN: true }), { minLength: 1, maxLength: 50 }),
  })
  fc.assert(
    fc.property(run, ({ window, rtt, steps }) => {
      const pacer = new Pacer()
      pacer.update(window, rtt, false, 1_200, 0)
      const { burst, rate } = pacer
      let now = 0
      let sent = 0
      for (const step of steps) {
        now += step
        for (let i = 0; i < 10_000 && pacer.allows(1_200, now); i++) {
          pacer.onSent(1_200, now)
          sent += 1_200
        }
        expect(sent).toBeLessThanOrEqual(burst + (rate * now) / 1_000 + 1e-3)
      }
    }),
  )
})

// spec: STT-REC-20
test('the rate is 5/4 of the window in a round trip, twice in slow start; a burst is the initial window or two milliseconds', () => {
  const pacer = new Pacer()
  pacer.update(100_000, 100, false, 1_200, 0)
  expect(pacer.rate).toBe(1_250_000)
  expect(pacer.burst).toBe(12_000)
  pacer.update(10_000_000, 100, true, 1_200, 0)
  expect(pacer.rate).toBe(200_000_000)
  expect(pacer.burst).toBe(400_000)
})

// spec: STT-REC-21
test('waiting until deadline is enough, is at least a timer’s millisecond, and is no longer than needed', () => {
  const pacer = new Pacer()
  pacer.update(100_000, 100, false, 1_200, 0)
  let now = 0
  while (pacer.allows(1_200, now)) pacer.onSent(1_200, now)
  const at = pacer.deadline(1_200, now)
  expect(at).toBeGreaterThanOrEqual(1)
  expect(at).toBeLessThan(1.2)
  expect(pacer.allows(1_200, at)).toBe(true)
  now = at
})

// spec: STT-REC-21
test('a flow never sends more at one moment than a burst, once the round trip is known', () => {
  const { flow, loop } = createFlow({ seed: 1, conditions: { delay: 50, rate: 12_500_000, queue: 1_000_000 } })
  flow.start()
  loop.runUntil(2_000)
  // 12.5 MB/s at twice the rate for two milliseconds.
  expect(flow.largestBurst).toBeLessThanOrEqual(Math.ceil((12_500_000 * 2 * 1.6 * 0.002) / 1_200))
  expect(flow.delivered).toBeGreaterThan(5_000)
})
