import { PACKET_HEADER_SIZE, packetEpochBits, packetNumberOf } from '@stt/frame'
import { describe, expect, test } from 'vitest'
import { direction, seal } from '../../test/sealed.ts'

describe('PacketSealer', () => {
  // spec: STT-PKT-4
  test('no number is used twice, and a left out one never', () => {
    const { sealer } = direction()
    const numbers: (number | undefined)[] = []
    for (let i = 0; i < 100; i++) {
      if (i % 10 === 9) sealer.skipPacketNumber()
      if (i % 30 === 29) sealer.advanceEpoch()
      numbers.push(packetNumberOf(seal(sealer)))
    }
    expect(new Set(numbers).size).toBe(100)
    expect(numbers).not.toContain(9)
    expect(numbers.at(-1)).toBe(109)
  })

  // spec: STT-PKT-4
  test('a number counts as used even when sealing fails', () => {
    const { sealer } = direction()
    expect(() => sealer.seal(new Uint8Array(20), 18)).toThrow()
    expect(sealer.nextPacketNumber).toBe(1)
  })

  // spec: STT-PKT-5
  test('no packet is sealed once the numbers are used up', () => {
    const { sealer } = direction(3)
    for (let i = 0; i < 3; i++) seal(sealer)
    expect(sealer.remaining).toBe(0)
    expect(() => seal(sealer)).toThrowError(expect.objectContaining({ code: 'STT_NONCE_EXHAUSTED' }))
  })

  test('2^48 numbers, whatever more is asked for', () => {
    expect(direction(Number.POSITIVE_INFINITY).sealer.remaining).toBe(2 ** 48)
  })

  // spec: STT-PKT-13
  test('with a new epoch other keys are used, and what it counts starts again', () => {
    const { sealer, opener } = direction()
    const old = seal(sealer)
    sealer.advanceEpoch()
    expect([sealer.packetsInEpoch, sealer.bytesInEpoch]).toEqual([0, 0])
    const fresh = seal(sealer)
    expect([sealer.packetsInEpoch, sealer.bytesInEpoch]).toEqual([1, fresh.length])
    expect([packetEpochBits(old), packetEpochBits(fresh)]).toEqual([0, 1])
    // The same packet under the bits of the old epoch does not verify: the key is another.
    fresh[0] = old[0]!
    expect(opener.open(fresh, 1, 0, 0)).toBe('tag')
  })

  test('a sealer that was disposed of seals nothing more', () => {
    const { sealer } = direction()
    sealer.dispose()
    expect(() => seal(sealer)).toThrowError(expect.objectContaining({ code: 'STT_DISPOSED' }))
  })

  // spec: STT-PKT-1
  test('the header is authenticated: any bit of it changed, and the packet does not verify', () => {
    for (let at = 0; at < PACKET_HEADER_SIZE; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const { sealer, opener } = direction()
        const packet = seal(sealer)
        packet[at] = packet[at]! ^ (1 << bit)
        expect(opener.open(packet, packetNumberOf(packet) ?? 0, 0, 0)).toBeTypeOf('string')
      }
    }
  })
})
