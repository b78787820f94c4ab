import { describe, expect, it } from 'vitest'
import { decode, type Encodable, encode, float32, int64, uint8 } from '../src/index.ts'
import { hex } from './notation.ts'
import { outcomeOf, slices } from './outcome.ts'
import { referenceDecode } from './reference.ts'
import { refusal } from './refusal.ts'

const value: Encodable = {
  id: 12345,
  name: 'nöde-7f3a',
  ok: true,
  ratio: 0.125,
  wide: [uint8(1), int64(2), float32(3), 2n ** 63n, -70_000],
  data: Uint8Array.of(0, 1, 255),
  nested: [{ a: null, aa: [] }, {}],
}
const bytes = encode(value)

/** Accepted exactly when the reference accepts it, and then it is what its bytes say, whole or in chunks. */
function check(changed: Uint8Array): 'accepted' | 'refused' {
  const isAccepted = referenceDecode(changed) !== undefined
  const streamed = outcomeOf(slices(changed, 3))
  if (isAccepted) {
    expect(hex(encode(decode(changed, { typed: true })))).toBe(hex(changed))
    expect(streamed).toEqual({ values: [hex(changed)] })
    return 'accepted'
  }
  const { code, offset } = refusal(() => decode(changed))
  expect(code).toBe('STT_DECODE')
  expect(offset).toBeLessThanOrEqual(changed.length)
  expect(streamed).toEqual(outcomeOf([changed]))
  return 'refused'
}

describe('one value, spoiled', () => {
  it('in each byte, by each bit of it and by each tag', () => {
    const tags = [0, 1, 2, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x20, 0x21, 0x30, 0x31, 0x40, 0x41, 0xff]
    const seen = { accepted: 0, refused: 0 }
    for (const [at, byte] of bytes.entries()) {
      const others = new Set([0, 1, 2, 3, 4, 5, 6, 7].map(bit => byte ^ (1 << bit)).concat(tags))
      others.delete(byte)
      for (const other of others) {
        const changed = bytes.slice()
        changed[at] = other
        seen[check(changed)]++
      }
    }
    expect(seen.refused).toBeGreaterThan(10 * bytes.length)
    expect(seen.accepted).toBeGreaterThan(2 * bytes.length)
  })

  it('cut at each length', () => {
    // spec: STT-SER-17
    for (let length = 0; length < bytes.length; length++) expect(check(bytes.subarray(0, length))).toBe('refused')
  })

  it('with each byte taken out, doubled, or one put in', () => {
    for (let at = 0; at <= bytes.length; at++) {
      check(new Uint8Array([...bytes.subarray(0, at), ...bytes.subarray(at + 1)]))
      check(new Uint8Array([...bytes.subarray(0, at + 1), ...bytes.subarray(at)]))
      check(new Uint8Array([...bytes.subarray(0, at), 0, ...bytes.subarray(at)]))
    }
  })

  it('with each length and count set to something else', () => {
    // spec: STT-SER-18
    const sized = [...bytes.keys()].filter(at => [0x30, 0x31, 0x40, 0x41].includes(bytes[at]!))
    expect(sized.length).toBeGreaterThan(15)
    for (const at of sized) {
      for (const size of [
        0,
        1,
        2,
        3,
        0xff,
        0xffff,
        0x7fff_ffff,
        0x8000_0000,
        0xffff_ffff,
        bytes.length - at - 5,
        bytes.length - at - 4,
      ]) {
        if (at + 5 > bytes.length) continue
        const changed = bytes.slice()
        new DataView(changed.buffer, changed.byteOffset).setUint32(at + 1, size)
        check(changed)
      }
    }
  })
})
