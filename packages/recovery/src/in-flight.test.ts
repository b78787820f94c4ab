import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sentPacket } from '../test/packets.ts'
import { InFlight } from './in-flight.ts'

test('finds, counts and lets go of packets as a plain list would', () => {
  const step = fc.oneof(
    fc.record({ add: fc.integer({ min: 1, max: 5 }), size: fc.integer({ min: 1, max: 1_500 }) }),
    fc.record({ remove: fc.nat() }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), steps => {
      const inFlight = new InFlight()
      const model: { number: number; size: number; ordinal: number }[] = []
      let next = 0
      let ordinal = 0
      for (const action of steps) {
        if ('add' in action) {
          next += action.add
          inFlight.add(sentPacket(next, 0, action.size))
          model.push({ number: next, size: action.size, ordinal: ordinal++ })
        } else if (model.length > 0) {
          const [gone] = model.splice(action.remove % model.length, 1)
          expect(inFlight.find(gone!.number)).toBe(gone!.ordinal)
          inFlight.remove(gone!.ordinal)
          expect(inFlight.find(gone!.number)).toBe(-1)
        }
        expect(inFlight.count).toBe(model.length)
        expect(inFlight.bytes).toBe(model.reduce((sum, { size }) => sum + size, 0))
        expect(inFlight.first).toBe(model[0]?.ordinal ?? inFlight.end)
      }
      for (const { number, ordinal: at } of model) expect(inFlight.find(number)).toBe(at)
      expect(inFlight.find(next + 1)).toBe(-1)
    }),
  )
})
