import { CloseCode } from '@stt/frame'
import { measureMemory } from '@stt/testing'
import { describe, expect, test } from 'vitest'
import { createPair, deliver, exchange, pattern, pollAll, readAll, takePacket } from '../test/pair.ts'
import type { StreamManager } from './index.ts'

/** `b` is under attack: the calls are what frames of its peer would make. */
function victim(): StreamManager {
  return createPair({ a: { maxStreamData: 16_384, maxData: 32_768, maxStreamsBidi: 64, maxStreamsUni: 64 } }).b
}

const closesWith = (closeCode: number): object => expect.objectContaining({ code: 'STT_PROTOCOL', closeCode })
const empty = new Uint8Array(0)

describe('credit', () => {
  test('of the stream exceeded, by data or by the final size of a RESET', () => {
    // spec: STT-STR-12
    const manager = victim()
    manager.onStream(0, 0, pattern(16_384), false)
    expect(() => manager.onStream(0, 16_384, pattern(1), false)).toThrow(closesWith(CloseCode.FlowControl))
    expect(() => manager.onReset(4, 0, 16_385)).toThrow(closesWith(CloseCode.FlowControl))
    expect(() => manager.onStream(8, 2 ** 52, pattern(1), false)).toThrow(closesWith(CloseCode.FlowControl))
  })

  test('of the session exceeded by streams that each keep theirs', () => {
    // spec: STT-STR-14
    const manager = victim()
    for (const id of [0, 4]) manager.onStream(id, 16_383, pattern(1), false)
    expect(() => manager.onStream(8, 0, pattern(1), false)).toThrow(closesWith(CloseCode.FlowControl))
    const another = victim()
    for (const id of [0, 4]) another.onReset(id, 0, 16_384)
    takePacket(another)
    expect(() => another.onStream(8, 16_383, pattern(1), false)).not.toThrow()
    expect(() => another.onReset(12, 0, 16_384)).not.toThrow()
  })

  test('is counted once for bytes that come again and again', () => {
    const manager = victim()
    for (let i = 0; i < 10; i++) manager.onStream(0, 0, pattern(16_384), false)
    expect(manager.getStatistics()).toMatchObject({ receiveBuffered: 16_384, receiveCredit: 16_384 })
  })
})

describe('final size', () => {
  test.each<[string, (manager: StreamManager) => void]>([
    ['FIN below what arrived', manager => manager.onStream(0, 0, pattern(9), true)],
    [
      'data after FIN',
      manager => [manager.onStream(0, 0, pattern(10), true), manager.onStream(0, 10, pattern(1), false)],
    ],
    ['another FIN', manager => [manager.onStream(0, 10, empty, true), manager.onStream(0, 11, empty, true)]],
    ['RESET below what arrived', manager => manager.onReset(0, 0, 9)],
    ['RESET after FIN with another size', manager => [manager.onStream(0, 20, empty, true), manager.onReset(0, 0, 21)]],
    ['FIN after RESET with another size', manager => [manager.onReset(0, 0, 20), manager.onStream(0, 10, empty, true)]],
    ['another RESET', manager => [manager.onReset(0, 0, 20), manager.onReset(0, 0, 21)]],
    ['a change on a stopped stream', manager => [manager.get(0)!.stop(0), manager.onReset(0, 0, 9)]],
  ])('%s', (_name, attack) => {
    // spec: STT-STR-13
    const manager = victim()
    manager.onStream(0, 0, pattern(10), false)
    expect(() => attack(manager)).toThrow(closesWith(CloseCode.FinalSize))
  })
})

describe('floods', () => {
  test('of gaps end the session', () => {
    const manager = victim()
    expect(() => {
      for (let offset = 1; offset < 16_384; offset += 2) manager.onStream(0, offset, pattern(1), false)
    }).toThrow(closesWith(CloseCode.GapLimit))
  })

  test('of streams that are opened and reset and never claimed end the session', () => {
    const manager = victim()
    const flood = () => {
      for (let id = 2; id < 4 * 1_000; id += 4) {
        manager.onStream(id, 0, pattern(1), false)
        manager.onReset(id, 0, 1)
        pollAll(manager)
        while (takePacket(manager) !== undefined);
      }
    }
    expect(flood).toThrow(closesWith(CloseCode.StreamLimit))
    expect(manager.getStatistics().openedByPeer).toBe(64)
  })

  test('of streams that are opened, reset and claimed leave no memory behind', async () => {
    const manager = victim()
    const packet = new Uint8Array(100)
    const attack = (from: number, to: number) => {
      for (let i = from; i < to; i++) {
        manager.onStream(i * 4, 100, pattern(1), false)
        manager.onReset(i * 4, 0, 101)
        for (let event = manager.pollEvent(); event !== undefined; event = manager.pollEvent())
          if (event.type === 'opened') manager.get(event.id)!.reset(0)
        const sent: never[] = []
        manager.writeFrames(packet, 0, packet.length, sent, { now: i, rtt: 1 })
        for (const frame of sent) manager.onFrameAcknowledged(frame)
        pollAll(manager)
      }
    }
    attack(0, 3_000)
    const before = await measureMemory()
    attack(3_000, 30_000)
    expect(await measureMemory()).toBeLessThan(before * 1.1)
    expect(manager.getStatistics()).toMatchObject({ open: 0, finished: 30_000, receiveBuffered: 0 })
  })

  test('of stops, resets and frames for closed streams leave nothing behind', () => {
    const { a, b } = createPair()
    const stream = a.open()!
    stream.write(pattern(100))
    stream.end()
    const packet = takePacket(a)!
    deliver(packet, b)
    exchange(a, b)
    readAll(b.get(0)!)
    b.get(0)!.reset(0)
    exchange(a, b)
    pollAll(b)
    const before = b.getStatistics()
    for (let i = 0; i < 1_000; i++) {
      deliver(packet, b)
      b.onReset(0, 1, 100)
      b.onStop(0, 1)
      b.onMaxStreamData(0, 1e9 + i)
    }
    expect(pollAll(b)).toEqual([])
    expect(b.hasFrames()).toBe(false)
    expect(b.getStatistics()).toEqual(before)
  })

  test('of frames of one byte cost what their credit allows', () => {
    const manager = victim()
    for (let offset = 16_383; offset >= 0; offset--) manager.onStream(0, offset, pattern(1, offset), false)
    const { receiveMemory, receiveBuffered } = manager.get(0)!.getStatistics()
    expect(receiveMemory).toBeLessThan(4 * receiveBuffered)
    expect(readAll(manager.get(0)!)).toEqual(pattern(16_384))
  })
})
