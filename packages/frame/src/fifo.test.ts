import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Fifo } from './fifo.ts'

describe('Fifo', () => {
  test('does what an array does with push and shift', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.nat(200), fc.constant('shift' as const), fc.constant('clear' as const)), {
          maxLength: 60,
        }),
        steps => {
          const fifo = new Fifo<number>()
          let model: number[] = []
          let next = 0
          for (const step of steps) {
            if (step === 'clear') {
              fifo.clear()
              model = []
            } else if (step === 'shift') {
              for (let i = 0; i < 50; i++) {
                expect(fifo.peek()).toBe(model[0])
                expect(fifo.shift()).toBe(model.shift())
              }
            } else {
              for (let i = 0; i < step; i++) {
                fifo.push(next)
                model.push(next++)
              }
            }
            expect(fifo.length).toBe(model.length)
          }
        },
      ),
    )
  })

  test('a million items go through one after another', () => {
    const fifo = new Fifo<number>()
    const count = 1_000_000
    for (let i = 0; i < count; i++) fifo.push(i)
    let sum = 0
    for (let item = fifo.shift(); item !== undefined; item = fifo.shift()) sum += item
    expect(sum).toBe((count * (count - 1)) / 2)
    expect(fifo.length).toBe(0)
  })
})
