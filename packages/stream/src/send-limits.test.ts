import { describe, expect, test } from 'vitest'
import { acknowledge, createPair, eventNames, lose, pollAll, takePacket } from '../test/pair.ts'
import type { StreamManager } from './index.ts'

const MIB = 1024 * 1024
const generous = { maxStreamData: 2 ** 40, maxData: 2 ** 45 }

/** Of a peer that gives all credit there is, and acknowledges nothing. */
function toward(limits = {}): StreamManager {
  return createPair({ a: {}, b: generous, limits }).a
}

describe('what the peer has not acknowledged', () => {
  test('is at most 16 MiB of a stream and 64 MiB of a session, whatever credit it gives', () => {
    // spec: STT-STR-25
    const a = toward()
    const bytes = new Uint8Array(17 * MIB)
    const accepted = Array.from({ length: 5 }, () => a.open({ unidirectional: true })!.write(bytes))
    expect(accepted).toEqual([16 * MIB, 16 * MIB, 16 * MIB, 16 * MIB, 0])
    expect([a.heldBytes, a.getStatistics().sendBuffered]).toEqual([64 * MIB, 64 * MIB])
    while (takePacket(a, 65_000) !== undefined);
    expect(a.heldBytes).toBe(64 * MIB)
    expect(eventNames(a)).toEqual([])
    a.closeAll(new Error('over'))
    expect(a.heldBytes).toBe(0)
  })

  test('makes room when it is acknowledged, and its writer is woken for a share of it', () => {
    const a = toward({ maxStreamSend: 16_000, maxSessionSend: 24_000 })
    const [one, two] = [a.open()!, a.open()!]
    expect([one.write(new Uint8Array(20_000)), two.write(new Uint8Array(20_000))]).toEqual([16_000, 8_000])
    const first = takePacket(a, 600)!
    acknowledge(first, a)
    // Room for 600 bytes is not worth a turn.
    expect([eventNames(a), a.heldBytes]).toEqual([[], 24_000 - first.sent[0]!.length])
    acknowledge(takePacket(a, 6_000)!, a)
    expect(eventNames(a)).toEqual(['writable 4'])
    expect(two.write(new Uint8Array(12_000))).toBeGreaterThan(5_000)
    expect(a.heldBytes).toBe(24_000)
    for (let packet = takePacket(a, 6_000); packet; packet = takePacket(a, 6_000)) acknowledge(packet, a)
    expect(eventNames(a).sort()).toEqual(['writable 0', 'writable 4'])
    expect(a.heldBytes).toBe(0)
  })

  test('is 256 KiB at most while the program is short of memory, and writing goes on as it is acknowledged, and after', () => {
    const a = toward()
    const stream = a.open()!
    stream.write(new Uint8Array(300_000))
    a.mayGrow = false
    // Bytes that were accepted before stay.
    expect([stream.write(new Uint8Array(MIB)), a.heldBytes]).toEqual([0, 300_000])
    for (let packet = takePacket(a, 6_000); packet; packet = takePacket(a, 6_000)) acknowledge(packet, a)
    expect(eventNames(a)).toEqual(['writable 0'])
    expect(stream.write(new Uint8Array(MIB))).toBe(256 * 1024)
    expect(eventNames(a)).toEqual([])
    a.mayGrow = true
    expect(eventNames(a)).toEqual(['writable 0'])
    expect(stream.write(new Uint8Array(MIB))).toBe(MIB)
  })

  test('is let go by RESET, by the peer’s STOP and by close', () => {
    const a = toward({ maxStreamSend: 10_000, maxSessionSend: 30_000 })
    const streams = [a.open()!, a.open()!, a.open()!, a.open()!]
    expect(streams.map(stream => stream.write(new Uint8Array(20_000)))).toEqual([10_000, 10_000, 10_000, 0])
    streams[0]!.reset(1)
    a.onStop(4, 2)
    a.close(8)
    expect(a.heldBytes).toBe(0)
    expect(pollAll(a).map(event => event.type)).toContain('writable')
    expect(streams[3]!.write(new Uint8Array(20_000))).toBe(10_000)
  })

  test('in many ranges costs no more for each of them', () => {
    const a = toward()
    a.open({ unidirectional: true })!.write(new Uint8Array(16 * MIB))
    const packets = []
    for (let packet = takePacket(a, 280); packet; packet = takePacket(a, 280)) packets.push(packet)
    expect(packets.length).toBeGreaterThan(60_000)
    // Every other packet, from the middle to both ends, so that each acknowledgement makes a separate range.
    const middle = packets.length >> 1
    for (let i = 1; i < middle; i += 2) {
      acknowledge(packets[middle + i]!, a)
      acknowledge(packets[middle - i]!, a)
    }
    for (const packet of packets) lose(packet, a)
    let again = 0
    for (let packet = takePacket(a, 280); packet; packet = takePacket(a, 280)) again += packet.sent[0]!.length
    expect(again).toBeGreaterThan(8 * MIB - 1_000)
    expect(again).toBeLessThan(8 * MIB + 1_000)
  })
})
