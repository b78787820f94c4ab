import { runs } from '@stt/vitest-config/runs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
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
          expect(sent.size).toBe(model.length)
        }
      }),
      runs(),
    )
  })

  test('an ACK costs what it acknowledges, however wide the window and whatever old hole is in it', () => {
    const sent = listOf(20_000)
    // Number 0 never arrives; two more packets do with each ACK, which repeats all that it acknowledged before.
    for (let highest = 2; highest < 20_000; highest += 2) expect(taken(sent, [highest, 1])).toHaveLength(2)
    expect(sent.looks).toBeLessThan(5 * 20_000)
  })

  test('an ACK of the newest alone costs as little, whatever waits before it', () => {
    const sent = listOf(20_000)
    for (let number = 20_000; number < 40_000; number++) {
      sent.add(sentPacket(number))
      expect(taken(sent, [number, number])).toHaveLength(1)
    }
    expect(sent.looks).toBeLessThan(5 * 20_000)
    expect(sent.size).toBe(20_000)
  })

  test('an ACK that says nothing new costs its ranges, however many holes it covers', () => {
    const sent = listOf(20_000)
    taken(sent, [19_998, 1])
    const before = sent.looks
    for (let i = 0; i < 1_000; i++) expect(taken(sent, [19_998, 10, 8, 1])).toEqual([])
    expect(sent.looks - before).toBeLessThan(10 * 1_000 + 2 * 20_000)
  })

  test('the oldest packet whose fate is open is found from any number on, and past those that were lost', () => {
    const sent = listOf(6)
    taken(sent, [2, 2])
    for (const packet of sent) if (packet.packetNumber === 3) packet.lost = true
    expect(sent.openFrom(0)?.packetNumber).toBe(0)
    expect(sent.openFrom(1)?.packetNumber).toBe(1)
    expect(sent.openFrom(2)?.packetNumber).toBe(4)
    expect(sent.openFrom(6)).toBeUndefined()
  })

  test('the oldest is forgotten when it was lost, and only then', () => {
    const sent = listOf(3)
    sent.forgetOldestLost()
    expect(sent.size).toBe(3)
    for (const packet of sent) packet.lost = true
    sent.forgetOldestLost()
    expect(numbersOf(sent)).toEqual([1, 2])
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

function listOf(count: number): SentPackets {
  const sent = new SentPackets()
  for (let number = 0; number < count; number++) sent.add(sentPacket(number))
  return sent
}

function taken(sent: SentPackets, ranges: readonly number[]): number[] {
  const into: ReturnType<typeof sentPacket>[] = []
  sent.take(ranges, into)
  return numbersOf(into)
}

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
