import { expect, test } from 'vitest'
import { seeded } from '../../test/bytes.ts'
import { Redial } from './redial.ts'

const pausesOf = (redial: Redial, now: number, until: number): number[] => {
  const pauses: number[] = []
  for (let at = now; at < until; ) {
    const pause = redial.next(at)
    pauses.push(pause)
    at += pause
  }
  return pauses
}

const within = (pauses: readonly number[], pause: number, by: number): boolean =>
  pauses.every(each => each >= pause * (1 - by) && each <= pause * (1 + by))

// spec: STT-RLY-20
test('tries soon, then each 1.5 s for half a minute, then less and less', () => {
  const pauses = pausesOf(new Redial(seeded()), 5_000, 300_000)
  expect(pauses.slice(0, 3)).toEqual([200, 500, 1_000])
  const late = pauses.findIndex(pause => pause > 1_950)
  expect(within(pauses.slice(3, late), 1_500, 0.3)).toBe(true)
  expect(late).toBeGreaterThan(15)
  expect(within(pauses.slice(late, late + 1), 5_000, 0.5)).toBe(true)
  expect(within(pauses.slice(late + 1, late + 2), 10_000, 0.5)).toBe(true)
  expect(within(pauses.slice(late + 2), 30_000, 0.5)).toBe(true)
})

// spec: STT-RLY-20
test('pauses are varied, by the whole range', () => {
  const extremes = [0, 255].map(byte => {
    const redial = new Redial(length => new Uint8Array(length).fill(byte))
    return pausesOf(redial, 0, 100_000)
  })
  expect(extremes[0]![3]).toBe(1_050)
  expect(extremes[1]![3]).toBe(1_950)
})

test('begins anew when it is reset, and stays short for as long as it is told', () => {
  const redial = new Redial(seeded())
  pausesOf(redial, 0, 300_000)
  redial.reset(120_000)
  const pauses = pausesOf(redial, 300_000, 400_000)
  expect(pauses.slice(0, 3)).toEqual([200, 500, 1_000])
  expect(within(pauses.slice(3), 1_500, 0.3)).toBe(true)
})
