import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { runs } from '../../test/runs.ts'
import { sentPacket } from '../../test/sent-packet.ts'
import { SentPackets } from './sent-packets.ts'

const numbersOf = (packets: Iterable<{ packetNumber: number }>): number[] => [...packets].map(each => each.packetNumber)

describe('SentPackets', () => {
  test('agrees with a list that is filtered, whatever is sent, acknowledged and forgotten', () => {
    const operations = fc.oneof(
      fc.record({ send: fc.integer({ min: 1, max: 3 }) }),
      fc.record({ acknowledge: fc.array(fc.tuple(fc.nat(4), fc.nat(4)), { minLength: 1, maxLength: 4 }) }),
      fc.record({ lose: fc.nat(5) }),
      fc.record({ forgetBefore: fc.nat(40) }),
    )
    fc.assert(
      fc.property(fc.array(operations, { maxLength: 60 }), list => {
        const sent = new SentPackets()
        let model: ReturnType<typeof sentPacket>[] = []
        let next = 0
        for (const operation of list) {
          if ('send' in operation) {
            next += operation.send
            const packet = sentPacket(next, { sentAt: next })
            sent.add(packet)
            model.push(packet)
          } else if ('acknowledge' in operation) {
            const ranges = descending(next, operation.acknowledge)
            const taken: ReturnType<typeof sentPacket>[] = []
            sent.take(ranges, taken)
            const covered = model.filter(({ packetNumber }) => covers(ranges, packetNumber))
            expect(numbersOf(taken)).toEqual(numbersOf(covered))
            model = model.filter(packet => !covered.includes(packet))
          } else if ('lose' in operation) {
            const packet = model[operation.lose]
            if (packet) packet.lost = true
          } else {
            sent.forgetLostBefore(operation.forgetBefore)
            while (model[0]?.lost && model[0].sentAt < operation.forgetBefore) model.shift()
          }
          expect(numbersOf(sent)).toEqual(numbersOf(model))
        }
      }),
      runs(),
    )
  })

  test('an ACK costs what it acknowledges, however wide the window and whatever old hole is in it', () => {
    let looked = 0
    const sent = new SentPackets()
    for (let number = 0; number < 20_000; number++) {
      sent.add({
        ...sentPacket(number),
        get packetNumber() {
          looked++
          return number
        },
      })
    }
    // Number 0 never arrives; two more packets do with each ACK, which repeats all that it acknowledged before.
    for (let highest = 2; highest < 20_000; highest += 2) {
      const taken: ReturnType<typeof sentPacket>[] = []
      sent.take([highest, 1], taken)
      expect(taken.length).toBe(2)
    }
    expect(looked).toBeLessThan(5 * 20_000)
  })

  test('a packet can be added after everything was taken or forgotten', () => {
    const sent = new SentPackets()
    sent.add(sentPacket(0))
    sent.take([0, 0], [])
    sent.add(sentPacket(1, { lost: true, sentAt: 0 }))
    sent.forgetLostBefore(1)
    sent.add(sentPacket(2))
    expect(numbersOf(sent)).toEqual([2])
  })
})

/** Ranges from `top` down, as an ACK has them. */
function descending(top: number, steps: readonly (readonly [gap: number, length: number])[]): number[] {
  const ranges: number[] = []
  let high = top
  for (const [gap, length] of steps) {
    ranges.push(high - gap, high - gap - length)
    high -= gap + length + 2
  }
  return ranges
}

const covers = (ranges: readonly number[], number: number): boolean =>
  ranges.some((high, i) => i % 2 === 0 && number <= high && number >= ranges[i + 1]!)
