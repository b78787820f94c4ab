import { describe, expect, test } from 'vitest'
import { errorCode, hex, pattern } from '../../test/bytes.ts'
import { providers } from '../../test/providers.ts'
import { randomBytes } from '../index.ts'
import { isSound, nativeKem, nodeKem } from './node-kem.ts'
import { portableKem } from './portable-kem.ts'
import type { Kem, KemKeyPair } from './provider.ts'

const seed = (length: number) => pattern(11, length)

// spec: STT-CRY-21
describe.each(providers)('ML-KEM-768 on $name', ({ kem }) => {
  test('both sides get the same secret, a new one each time', () => {
    const pair = kem.generate(randomBytes)
    const one = kem.encapsulate(pair.publicKey, randomBytes)
    const other = kem.encapsulate(pair.publicKey, randomBytes)
    expect([pair.publicKey.length, one.ciphertext.length, one.sharedSecret.length]).toEqual([1184, 1088, 32])
    expect(pair.decapsulate(one.ciphertext)).toEqual(one.sharedSecret)
    expect(pair.decapsulate(other.ciphertext)).toEqual(other.sharedSecret)
    expect(one.sharedSecret).not.toEqual(other.sharedSecret)
  })

  test('the same entropy gives the same bytes on every provider', () => {
    const answer = (each: typeof kem) => {
      const pair = each.generate(seed)
      const { ciphertext, sharedSecret } = each.encapsulate(pair.publicKey, seed)
      return [hex(pair.publicKey), hex(ciphertext), hex(sharedSecret)]
    }
    expect(answer(kem)).toEqual(answer(portableKem))
  })

  test('rejects a changed ciphertext by another secret, the same on every provider', () => {
    const pair = kem.generate(seed)
    const { ciphertext, sharedSecret } = kem.encapsulate(pair.publicKey, seed)
    for (const position of [0, 500, 1087]) {
      const changed = ciphertext.slice()
      changed[position]! ^= 1
      const rejected = pair.decapsulate(changed)
      expect(rejected).not.toEqual(sharedSecret)
      expect(rejected).toEqual(portableKem.generate(seed).decapsulate(changed))
    }
  })

  test('refuses keys and ciphertexts of the wrong size, and keys with a coefficient of q or more', () => {
    const pair = kem.generate(seed)
    const bad = errorCode('STT_BAD_KEY')
    for (const length of [0, 1183, 1185]) {
      expect(() => kem.encapsulate(pattern(0, length), randomBytes)).toThrow(bad)
    }
    for (const length of [0, 1087, 1089]) expect(() => pair.decapsulate(new Uint8Array(length))).toThrow(bad)
    // The first coefficient, 12 bits little-endian, becomes 3329.
    const unreduced = pair.publicKey.slice()
    unreduced[0] = 3329 & 255
    unreduced[1] = (unreduced[1]! & 0xf0) | (3329 >> 8)
    expect(() => kem.encapsulate(unreduced, randomBytes)).toThrow(bad)
    expect(() => kem.encapsulate(unreduced, seed)).toThrow(bad)
  })

  test('works no more once disposed', () => {
    const pair = kem.generate(seed)
    pair.dispose()
    expect(() => pair.decapsulate(new Uint8Array(1088))).toThrow(errorCode('STT_DISPOSED'))
  })
})

test('a run that is replayed never takes randomness from elsewhere', () => {
  const pair = nodeKem.generate(seed)
  const first = nodeKem.encapsulate(pair.publicKey, length => pattern(12, length))
  expect(nodeKem.encapsulate(pair.publicKey, length => pattern(12, length))).toEqual(first)
  expect(nodeKem.encapsulate(pair.publicKey, length => pattern(13, length))).not.toEqual(first)
})

const [major] = process.versions.node.split('.').map(Number)

test.skipIf(major! < 24)('Node’s own ML-KEM is there (skipped before Node 24)', () => {
  const pair = nativeKem.generate(seed)
  const { ciphertext, sharedSecret } = nativeKem.encapsulate(pair.publicKey, randomBytes)
  expect(portableKem.generate(seed).decapsulate(ciphertext)).toEqual(sharedSecret)
})

test.skipIf(major! < 24)('Node’s own ML-KEM is known to be right (skipped before Node 24)', () => {
  expect(isSound(nativeKem)).toBe(true)
})

test('an ML-KEM that gives wrong answers is not taken for a right one', () => {
  expect(isSound(portableKem)).toBe(true)
  const changed = (bytes: Uint8Array): Uint8Array<ArrayBuffer> =>
    Uint8Array.from(bytes, (byte, i) => (i === 0 ? byte ^ 1 : byte))
  const withPair = (change: (pair: KemKeyPair) => Partial<KemKeyPair>): Kem => ({
    ...portableKem,
    generate(entropy) {
      const pair = portableKem.generate(entropy)
      const same = {
        publicKey: pair.publicKey,
        decapsulate: (text: Uint8Array) => pair.decapsulate(text),
        dispose() {},
      }
      return { ...same, ...change(pair) }
    },
  })
  expect(isSound(withPair(() => ({})))).toBe(true)
  const otherKeys: Kem = {
    ...portableKem,
    generate: entropy => portableKem.generate(length => changed(entropy(length))),
  }
  expect(isSound(otherKeys)).toBe(false)
  expect(isSound(withPair(pair => ({ decapsulate: text => changed(pair.decapsulate(text)) })))).toBe(false)
  // It does not reject, or only what is all zeros.
  const secretOf = (pair: KemKeyPair, text: Uint8Array) =>
    text.every(byte => byte === 0) ? new Uint8Array(32) : pair.decapsulate(text)
  expect(isSound(withPair(pair => ({ decapsulate: text => secretOf(pair, text) })))).toBe(false)
  const other = portableKem.generate(randomBytes)
  const zeros = new Uint8Array(1_088)
  const onlyRejects = withPair(pair => ({
    decapsulate: text => (text.every(byte => byte === 0) ? pair : other).decapsulate(text),
  }))
  expect(onlyRejects.generate(seed).decapsulate(zeros)).toHaveLength(32)
  expect(isSound(onlyRejects)).toBe(false)
})
