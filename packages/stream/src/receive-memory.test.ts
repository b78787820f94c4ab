import { CloseCode } from '@stt/frame'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createPair, pattern, pollAll, takePacket } from '../test/pair.ts'
import type { StreamManager } from './index.ts'

const MIB = 1024 * 1024
const limits = { maxData: 8 * MIB, maxStreamData: 16_384, maxStreamsBidi: 128, maxStreamsUni: 128 }

/** `b` is under attack: it reads as an application does that means well. */
const victim = (): StreamManager => createPair({ a: limits, limits: { streamWindow: 256 * 1024 } }).b

describe('the memory of a session', () => {
  const attack = fc.record({
    streams: fc.integer({ min: 1, max: 128 }),
    length: fc.constantFrom(1, 63, 1_000, 8_191, 8_192, 16_000),
    step: fc.constantFrom(1, 2, 64, 1_024, 1_025, 8_192, 16_000),
    backwards: fc.boolean(),
    kept: fc.boolean(),
    read: fc.boolean(),
  })
  type Attack = typeof attack extends fc.Arbitrary<infer T> ? T : never

  test('stays below its window and 1 MiB, whatever a peer makes of its credit', () => {
    // spec: STT-STR-28
    const law = (attacks: readonly Attack[]): void => {
      const manager = victim()
      const packet = new Uint8Array(2 * 16_384)
      let most = 0
      for (const { streams, length, step, backwards, kept, read } of attacks) {
        for (let i = 0; i < streams; i++) {
          const stream = manager.get(i * 4)
          const base = stream?.getStatistics().bytesRead ?? 0
          const room = Math.min(16_384, base + (stream?.receiveWindow ?? 16_384)) - base
          const count = Math.min(40, Math.floor(Math.max(0, room - length) / step))
          for (let n = 0; n <= count && room >= length; n++) {
            const at = base + (backwards ? (count - n) * step : n * step)
            manager.onStream(i * 4, at, packet.subarray(0, length), false, kept)
            most = Math.max(most, manager.heldBytes)
          }
          if (read) manager.get(i * 4)?.read()
        }
        pollAll(manager)
        while (takePacket(manager) !== undefined);
        const { receiveWindow, receiveBuffered } = manager.getStatistics()
        expect(receiveBuffered).toBeLessThanOrEqual(receiveWindow)
        expect(most).toBeLessThanOrEqual(receiveWindow + MIB)
      }
      for (const stream of manager.list()) stream.stop(0)
      expect(manager.heldBytes).toBe(0)
    }
    fc.assert(fc.property(fc.array(attack, { minLength: 1, maxLength: 6 }), law), { numRuns: 40 })
  })

  test('of 128 streams whose bytes came in packets twice as large is little more than the bytes', () => {
    // spec: STT-STR-28
    const manager = victim()
    const packet = new Uint8Array(2 * 16_384)
    for (let i = 0; i < 256; i++)
      manager.onStream((i >> 1) * 4 + (i & 1) * 2, 0, packet.subarray(0, 16_384), false, true)
    expect(manager.getStatistics().receiveBuffered).toBe(256 * 16_384)
    expect(manager.heldBytes).toBeLessThan(256 * 16_384 + MIB)
  })

  test('and its statistics follow what is read, stopped and closed', () => {
    const manager = victim()
    for (const id of [0, 4, 8]) manager.onStream(id, 100, pattern(1_000), false)
    const held = manager.heldBytes
    expect(held).toBeGreaterThan(3_000)
    manager.get(0)!.stop(0)
    manager.onReset(4, 0, 1_100)
    expect(manager.heldBytes).toBeCloseTo(held / 3)
    manager.onStream(8, 0, pattern(100), false)
    const last = manager.get(8)!
    manager.closeAll(new Error('over'))
    expect(manager.heldBytes).toBeGreaterThan(0)
    while (last.read() !== undefined);
    expect(manager.heldBytes).toBe(0)
  })
})

test('16,384 gaps on all streams together are the most, 1,024 on one', () => {
  // spec: STT-STR-10
  const closes = expect.objectContaining({ closeCode: CloseCode.GapLimit })
  const manager = victim()
  const gap = (id: number, n: number): void => manager.onStream(id, 1 + n * 2, pattern(1), false)
  for (let i = 0; i < 16; i++) for (let n = 0; n < 1_024; n++) gap(i * 4, n)
  expect(manager.get(0)!.getStatistics().gaps).toBe(1_024)
  expect(() => gap(16 * 4, 0)).toThrow(closes)
  const other = victim()
  for (let n = 0; n < 1_024; n++) other.onStream(0, 1 + n * 2, pattern(1), false)
  expect(() => other.onStream(0, 1 + 1_024 * 2, pattern(1), false)).toThrow(closes)
})

test('the windows grow to 16 MiB for a stream and 64 MiB for a session, and no further', () => {
  // spec: STT-STR-16
  const { a, b } = createPair({ a: { ...limits, maxStreamsBidi: 0, maxStreamsUni: 6 } })
  const ids = Array.from({ length: 6 }, (_, i) => i * 4 + 2)
  const bytes = new Uint8Array(32 * MIB)
  for (const id of ids) expect(a.open({ unidirectional: true })!.id).toBe(id)
  const at = new Map(ids.map(id => [id, 0]))
  for (let round = 0; round < 14; round++)
    for (const id of ids) {
      const room = b.get(id)?.receiveWindow ?? 16_384
      b.onStream(id, at.get(id)!, bytes.subarray(0, room), false, true)
      at.set(id, at.get(id)! + room)
      while (b.get(id)!.read() !== undefined);
      while (takePacket(b, 1_200, { now: round, rtt: 1_000 }) !== undefined);
    }
  expect(b.get(2)!.getStatistics().receiveWindow).toBe(16 * MIB)
  expect(b.get(2)!.receiveWindow).toBe(16 * MIB)
  expect(b.getStatistics().receiveWindow).toBe(64 * MIB)
})
