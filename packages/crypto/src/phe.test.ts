import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bytes, errorCode, hex, pattern, text } from '../test/bytes.ts'
import { known } from '../test/known-answers.ts'
import { providers } from '../test/providers.ts'
import { phe } from './index.ts'
import { createPhe } from './phe.ts'

describe.each(providers)('phe on $name', provider => {
  const { digest, hash, verify } = createPhe(provider)

  // spec: STT-CRY-6
  test('digest gives the known answers', () => {
    for (const answer of known.digest) {
      expect(hex(digest(answer.domain, ...answer.parts.map(bytes)))).toBe(answer.digest)
    }
  })

  // spec: STT-CRY-7
  test('hash gives the known answer for a known salt, and verify takes it', () => {
    const { data, hash: expected } = known.salted
    expect(hex(hash(bytes(data), length => pattern(4, length)))).toBe(expected)
    expect(verify(bytes(data), bytes(expected))).toBe(true)
  })
})

// spec: STT-CRY-6
test('no two lists of parts share a digest', () => {
  const lists = fc.array(fc.uint8Array({ maxLength: 4 }), { maxLength: 4 })
  fc.assert(
    fc.property(lists, lists, (one, other) => {
      const same = JSON.stringify(one.map(hex)) === JSON.stringify(other.map(hex))
      expect(hex(phe.digest('law', ...one)) === hex(phe.digest('law', ...other))).toBe(same)
    }),
  )
  expect(phe.digest('a', text('b'))).not.toEqual(phe.digest('ab'))
})

// spec: STT-CRY-7
test('hash is different each time; verify refuses other data and anything that is not 48 bytes', () => {
  const data = text('the same data')
  const first = phe.hash(data)
  expect(first).toHaveLength(48)
  expect(phe.hash(data)).not.toEqual(first)
  expect(phe.verify(data, first)).toBe(true)
  expect(phe.verify(text('other data'), first)).toBe(false)
  for (let i = 0; i < first.length; i++) {
    const changed = first.slice()
    changed[i]! ^= 1
    expect(phe.verify(data, changed)).toBe(false)
  }
  for (const length of [0, 15, 16, 47]) expect(phe.verify(data, first.subarray(0, length))).toBe(false)
  expect(phe.verify(data, Uint8Array.of(...first, 0))).toBe(false)
  expect(() => phe.hash(data, () => new Uint8Array(15))).toThrow(errorCode('STT_INVALID_ARGUMENT'))
})
