import { provider, toHex } from '@stt/crypto'
import { createRandom } from '@stt/testing'
import { describe, expect, test } from 'vitest'
import { RESET_TOKEN_SIZE, resetToken } from './reset-token.ts'
import { StatelessResets } from './stateless-reset.ts'

const resetKey = new Uint8Array(32).fill(3)

function resets(): StatelessResets {
  const random = createRandom(1)
  return new StatelessResets({ provider, resetKey, entropy: length => random.bytes(length) })
}

function packet(length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  bytes[0] = 0x40
  bytes.fill(7, 1, 9)
  return bytes
}

describe('stateless reset', () => {
  // spec: STT-PKT-38
  test('the token is the same for the same connection id and key, and another for any other', () => {
    const cid = new Uint8Array(8).fill(7)
    expect(resetToken(provider, resetKey, cid)).toEqual(resetToken(provider, resetKey, cid))
    expect(resetToken(provider, resetKey, cid)).toHaveLength(16)
    expect(resetToken(provider, resetKey, new Uint8Array(8))).not.toEqual(resetToken(provider, resetKey, cid))
    expect(resetToken(provider, new Uint8Array(32), cid)).not.toEqual(resetToken(provider, resetKey, cid))
  })

  // spec: STT-PKT-39
  test('a reset looks like a packet, is shorter than what it answers, and ends with the token', () => {
    const token = toHex(resetToken(provider, resetKey, new Uint8Array(8).fill(7)))
    const lengths = new Set<number>()
    for (let length = 0; length <= 1_200; length += length < 70 ? 1 : 10) {
      const reset = resets().answer(packet(length), 'here', 0)
      if (length <= 33) expect(reset).toBeUndefined()
      if (!reset) continue
      lengths.add(reset.length)
      expect(reset.length).toBeGreaterThanOrEqual(33)
      expect(reset.length).toBeLessThan(length)
      expect(reset.length).toBeLessThanOrEqual(59)
      expect(reset[0]! >> 6).toBe(1)
      expect(toHex(reset.subarray(-RESET_TOKEN_SIZE))).toBe(token)
    }
    expect(lengths.size).toBeGreaterThan(5)
  })

  // spec: STT-PKT-39
  test('handshake messages and garbage get no answer', () => {
    for (const first of [0x00, 0x3f, 0x80, 0xff]) {
      const datagram = packet(100)
      datagram[0] = first
      expect(resets().answer(datagram, 'here', 0)).toBeUndefined()
    }
  })

  // spec: STT-PKT-39
  test('one address gets sixteen in a second, and takes none from the others', () => {
    const answering = resets()
    const answered = (from: string, now: number): number => {
      let answers = 0
      for (let i = 0; i < 100; i++) if (answering.answer(packet(100), from, now)) answers++
      return answers
    }
    expect([answered('10.0.0', 5_000), answered('10.0.0', 5_999), answered('10.0.0', 6_000)]).toEqual([16, 0, 16])
    const others = Array.from({ length: 100 }, (_, i) => answered(`10.1.${i}`, 6_500))
    // Addresses with the same share get its budget together; all addresses together have a bound.
    expect(others.filter(answers => answers > 0).length).toBeGreaterThan(30)
    expect(others.reduce((sum, answers) => sum + answers, 0)).toBeLessThanOrEqual(63 * 16)
  })
})
