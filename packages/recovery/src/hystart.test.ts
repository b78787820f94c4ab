import { expect, test } from 'vitest'
import { HyStart } from './hystart.ts'

/** A round of ten ACKs, all of packets sent after the last one began. @returns the last answer */
function round(hyStart: HyStart, start: number, rtt: number): number {
  let divisor = 1
  for (let i = 0; i < 10; i++) divisor = hyStart.onAcknowledged(start + i, rtt, start + rtt + i)
  return divisor
}

// spec: STT-REC-18
test('goes on at full speed while round trips stay short', () => {
  const hyStart = new HyStart()
  for (let i = 0; i < 20; i++) expect(round(hyStart, i * 1_000, 100 + (i % 3) * 4)).toBe(1)
})

// spec: STT-REC-18
test('slows to a quarter when the round trip grew by an eighth, and ends after five such rounds', () => {
  const hyStart = new HyStart()
  expect(round(hyStart, 0, 100)).toBe(1)
  expect(round(hyStart, 1_000, 112)).toBe(1)
  expect(round(hyStart, 2_000, 127)).toBe(4)
  for (let i = 3; i < 7; i++) expect(round(hyStart, i * 1_000, 130)).toBe(4)
  expect(round(hyStart, 7_000, 130)).toBe(Number.POSITIVE_INFINITY)
})

// spec: STT-REC-18
test('speeds up again when the growth was noise', () => {
  const hyStart = new HyStart()
  round(hyStart, 0, 100)
  expect(round(hyStart, 1_000, 130)).toBe(4)
  expect(round(hyStart, 2_000, 105)).toBe(1)
  expect(round(hyStart, 3_000, 105)).toBe(1)
})

// spec: STT-REC-18
test('judges no round by fewer than eight samples, nor by less than 4 ms', () => {
  const hyStart = new HyStart()
  round(hyStart, 0, 10)
  for (let i = 0; i < 7; i++) expect(hyStart.onAcknowledged(1_000 + i, 30, 1_030 + i)).toBe(1)
  expect(hyStart.onAcknowledged(1_007, 30, 1_037)).toBe(4)

  const short = new HyStart()
  round(short, 0, 1)
  expect(round(short, 1_000, 4.9)).toBe(1)
  expect(round(short, 2_000, 8.95)).toBe(4)
})
