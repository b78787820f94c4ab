import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareAll, concatBytes, equalBytes, fromHex, toBase32, toHex } from './bytes.ts'

// spec: STT-CRY-4
test('equalBytes sees a difference in any bit and any length', () => {
  const bytes = Uint8Array.of(1, 2, 3, 0)
  expect(equalBytes(bytes, bytes.slice())).toBe(true)
  expect(equalBytes(new Uint8Array(0), new Uint8Array(0))).toBe(true)
  for (let bit = 0; bit < 32; bit++) {
    const other = bytes.slice()
    other[bit >> 3]! ^= 1 << (bit & 7)
    expect(equalBytes(bytes, other)).toBe(false)
  }
  expect(equalBytes(bytes, bytes.subarray(0, 3))).toBe(false)
  expect(equalBytes(bytes.subarray(0, 3), bytes)).toBe(false)
})

// spec: STT-CRY-4
test('equalBytes looks at every byte, wherever the first difference is', () => {
  let reads = 0
  const counting = (bytes: Uint8Array) =>
    new Proxy(bytes, {
      get(target, name) {
        if (typeof name === 'string' && /^\d+$/.test(name)) reads++
        return Reflect.get(target, name, target)
      },
    })
  compareAll(counting(Uint8Array.of(9, 2, 3, 4)), Uint8Array.of(1, 2, 3, 4))
  expect(reads).toBe(4)
})

test('concatBytes joins the parts in order, in a new array', () => {
  const part = Uint8Array.of(1, 2)
  const joined = concatBytes([part, new Uint8Array(0), Uint8Array.of(3, 4).subarray(1)])
  expect(joined).toEqual(Uint8Array.of(1, 2, 4))
  expect(concatBytes([])).toEqual(new Uint8Array(0))
  expect(concatBytes([part])).not.toBe(part)
})

test('hexadecimal goes both ways and is refused otherwise', () => {
  fc.assert(
    fc.property(fc.uint8Array(), bytes => {
      expect(fromHex(toHex(bytes))).toEqual(bytes)
    }),
  )
  expect(fromHex('00Ff')).toEqual(Uint8Array.of(0, 255))
  for (const text of ['0', '0g', '0x12', ' 12', '１２']) expect(fromHex(text)).toBeUndefined()
})

// RFC 4648 §10, without the padding.
test.each([
  ['', ''],
  ['f', 'my'],
  ['fo', 'mzxq'],
  ['foo', 'mzxw6'],
  ['foob', 'mzxw6yq'],
  ['fooba', 'mzxw6ytb'],
  ['foobar', 'mzxw6ytboi'],
])('base32 of %j', (text, encoded) => {
  expect(toBase32(new TextEncoder().encode(text))).toBe(encoded)
})
