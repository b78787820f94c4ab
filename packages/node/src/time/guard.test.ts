import { expect, test } from 'vitest'
import { fewWarnings } from '../observe/few-warnings.ts'
import { Guard } from './guard.ts'
import { guardedClock } from './guarded-clock.ts'

test('an error behind a guard is counted and told, ends only its own matter, and goes no further', () => {
  const told: Error[] = []
  const ended: unknown[] = []
  const guard = new Guard(error => void told.push(error))
  const cause = new Error('a defect')
  const receive = guard.wrap(
    (packet: number, remote: string) => {
      if (packet > 1) throw cause
      ended.push(remote)
    },
    error => void ended.push(error),
  )
  receive(1, 'a')
  receive(2, 'b')
  expect(ended).toEqual(['a', cause])
  expect(told).toMatchObject([{ cause }])
  expect(guard.faults).toBe(1)
})

test('a timer that throws does not end the process', () => {
  const guard = new Guard(() => {})
  const timers: (() => void)[] = []
  const clock = guardedClock(
    { now: () => 0, setTimer: callback => timers.push(callback), clearTimer: () => {}, afterReads: () => {} },
    guard,
  )
  clock.setTimer(() => {
    throw new Error('a defect')
  }, 5)
  timers[0]!()
  expect(guard.faults).toBe(1)
})

test('the log gets at most ten warnings a minute', () => {
  let now = 0
  let told = 0
  const warn = fewWarnings(() => told++, { now: () => now })
  for (let i = 0; i < 100; i++) warn(new Error('again'))
  expect(told).toBe(10)
  now = 60_000
  warn(new Error('again'))
  expect(told).toBe(11)
})
