import { runs } from '@stt/vitest-config/runs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { REPLAY_WINDOW, ReplayWindow, WIDE_REPLAY_WINDOW } from './replay-window.ts'

/** The window as its rule is written: a set of numbers, and the highest. */
class Model {
  readonly #accepted = new Set<number>()
  #size = REPLAY_WINDOW
  /** Below it nothing was told apart when the window was widened. */
  #floor = 0
  highest = -1

  isNew(packetNumber: number): boolean {
    if (packetNumber <= this.highest - this.#size || packetNumber < this.#floor) return false
    return !this.#accepted.has(packetNumber)
  }

  accept(packetNumber: number): void {
    this.#accepted.add(packetNumber)
    this.highest = Math.max(this.highest, packetNumber)
  }

  widen(): void {
    this.#floor = Math.max(this.#floor, this.highest - this.#size + 1)
    this.#size = WIDE_REPLAY_WINDOW
  }
}

/** Steps from the highest number so far: forward, back within the window, back at and beyond its edge, far jumps. */
const steps = fc.oneof(
  fc.integer({ min: -70, max: 70 }),
  ...[REPLAY_WINDOW, WIDE_REPLAY_WINDOW].flatMap(size => [
    fc.integer({ min: -size - 40, max: -size + 40 }),
    fc.integer({ min: size - 40, max: size + 40 }),
  ]),
  fc.integer({ min: -WIDE_REPLAY_WINDOW, max: REPLAY_WINDOW }),
  fc.integer({ min: 100_000, max: 2 ** 46 }),
)
const widening = fc.constant('widen' as const)

function agree(list: readonly (number | 'widen')[]): void {
  const window = new ReplayWindow()
  const model = new Model()
  for (const step of list) {
    if (step === 'widen') {
      window.widen()
      model.widen()
      continue
    }
    const packetNumber = Math.max(0, Math.max(model.highest, 0) + step)
    const isNew = window.isNew(packetNumber)
    expect(isNew).toBe(model.isNew(packetNumber))
    if (!isNew) continue
    window.accept(packetNumber)
    model.accept(packetNumber)
    expect(window.highest).toBe(model.highest)
    expect(window.isNew(packetNumber)).toBe(false)
  }
}

describe('ReplayWindow', () => {
  // spec: STT-PKT-6
  test('agrees with a set of numbers, whatever comes in whatever order', () => {
    fc.assert(fc.property(fc.array(steps, { minLength: 1, maxLength: 300 }), agree), runs())
  })

  // spec: STT-PKT-6
  test('and across its widening, whenever that comes', () => {
    const either = fc.oneof({ weight: 40, arbitrary: steps }, { weight: 1, arbitrary: widening })
    fc.assert(fc.property(fc.array(either, { minLength: 1, maxLength: 300 }), agree), runs())
  })

  // spec: STT-PKT-6
  test('8,192 numbers are told apart, one more is too old', () => {
    const window = new ReplayWindow()
    window.accept(REPLAY_WINDOW)
    expect(window.isNew(1)).toBe(true)
    expect(window.isNew(0)).toBe(false)
    expect(window.isNew(2 ** 48 - 1)).toBe(true)
  })

  // spec: STT-PKT-6
  test('widened, it knows what it knew, and what was too old stays so, wherever in a word that begins', () => {
    for (let highest = 10_000; highest < 10_070; highest++) {
      const window = new ReplayWindow()
      const received = [highest - 8_191, highest - 8_190, highest - 4_000, highest - 1, highest]
      for (const packetNumber of received) window.accept(packetNumber)
      window.widen()
      window.accept(highest + 40_000)
      for (let packetNumber = 0; packetNumber <= highest; packetNumber++) {
        const isNew = packetNumber > highest - 8_192 && !received.includes(packetNumber)
        if (window.isNew(packetNumber) !== isNew)
          throw new Error(`of ${highest}, ${packetNumber} is ${isNew ? 'new' : 'known'}`)
      }
      expect(window.isNew(highest + 1)).toBe(true)
    }
  })

  test('widened before anything came, and once more, it is empty, and then what it was', () => {
    const window = new ReplayWindow()
    window.widen()
    expect([window.highest, window.isNew(0)]).toEqual([-1, true])
    window.accept(3)
    window.accept(WIDE_REPLAY_WINDOW)
    window.widen()
    expect([0, 1, 2, 3, 4].map(packetNumber => window.isNew(packetNumber))).toEqual([false, true, true, false, true])
  })

  test('asking changes nothing', () => {
    const window = new ReplayWindow()
    window.accept(5)
    expect(window.isNew(50_000)).toBe(true)
    expect(window.isNew(4)).toBe(true)
    expect(window.highest).toBe(5)
  })
})
