import fc from 'fast-check'
import { expect, test } from 'vitest'
import { VirtualLoop } from './virtual-loop.ts'

test('events run by time, those of one moment in the order they were scheduled in', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ at: fc.nat(20), cancel: fc.boolean() })), events => {
      const loop = new VirtualLoop()
      const ran: { at: number; i: number }[] = []
      const timers = events.map(({ at }, i) => loop.schedule(at, () => ran.push({ at: loop.now, i })))
      events.forEach(({ cancel }, i) => {
        if (cancel) loop.cancel(timers[i])
      })
      while (loop.step());
      const expected = events.map(({ at, cancel }, i) => ({ at, i, cancel })).filter(({ cancel }) => !cancel)
      expected.sort((a, b) => a.at - b.at || a.i - b.i)
      expect(ran).toEqual(expected.map(({ at, i }) => ({ at, i })))
    }),
  )
})

test('runWhileNot stops at its condition, at its deadline, and when nothing is left', () => {
  const loop = new VirtualLoop()
  let count = 0
  const tick = (): void => {
    count++
    if (count < 10) loop.after(10, tick)
  }
  loop.after(10, tick)
  expect(loop.runWhileNot(() => count === 3)).toBe(true)
  expect(loop.now).toBe(30)
  expect(loop.runWhileNot(() => false, 55)).toBe(false)
  expect(loop.now).toBe(55)
  expect(loop.runWhileNot(() => count === 11)).toBe(false)
  expect(count).toBe(10)
})
