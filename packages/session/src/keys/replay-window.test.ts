import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { runs } from '../../test/runs.ts'
import { REPLAY_WINDOW, ReplayWindow } from './replay-window.ts'

/** The window as its rule is written: a set of numbers, and the highest. */
class Model {
  readonly #accepted = new Set<number>()
  highest = -1

  isNew(packetNumber: number): boolean {
    if (packetNumber <= this.highest - REPLAY_WINDOW) return false
    return !this.#accepted.has(packetNumber)
  }

  accept(packetNumber: number): void {
    this.#accepted.add(packetNumber)
    this.highest = Math.max(this.highest, packetNumber)
  }
}

/** Steps from the highest number so far: forward, back within the window, back at and beyond its edge, far jumps. */
const steps = fc.oneof(
  fc.integer({ min: -70, max: 70 }),
  fc.integer({ min: -REPLAY_WINDOW - 40, max: -REPLAY_WINDOW + 40 }),
  fc.integer({ min: REPLAY_WINDOW - 40, max: REPLAY_WINDOW + 40 }),
  fc.integer({ min: 100_000, max: 2 ** 46 }),
)

describe('ReplayWindow', () => {
  // spec: STT-PKT-6
  test('agrees with a set of numbers, whatever comes in whatever order', () => {
    fc.assert(
      fc.property(fc.array(steps, { minLength: 1, maxLength: 300 }), list => {
        const window = new ReplayWindow()
        const model = new Model()
        for (const step of list) {
          const packetNumber = Math.max(0, Math.max(model.highest, 0) + step)
          const isNew = window.isNew(packetNumber)
          expect(isNew).toBe(model.isNew(packetNumber))
          if (!isNew) continue
          window.accept(packetNumber)
          model.accept(packetNumber)
          expect(window.highest).toBe(model.highest)
          expect(window.isNew(packetNumber)).toBe(false)
        }
      }),
      runs(),
    )
  })

  // spec: STT-PKT-6
  test('8,192 numbers are told apart, one more is too old', () => {
    const window = new ReplayWindow()
    window.accept(REPLAY_WINDOW)
    expect(window.isNew(1)).toBe(true)
    expect(window.isNew(0)).toBe(false)
    expect(window.isNew(2 ** 48 - 1)).toBe(true)
  })

  test('asking changes nothing', () => {
    const window = new ReplayWindow()
    window.accept(5)
    expect(window.isNew(50_000)).toBe(true)
    expect(window.isNew(4)).toBe(true)
    expect(window.highest).toBe(5)
  })
})
