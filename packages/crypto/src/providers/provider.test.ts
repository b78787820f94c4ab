import { isSttError } from '@stt/errors'
import { lowOrderPoints } from '@stt/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bytes, errorCode, hex, pattern, text } from '../../test/bytes.ts'
import { known } from '../../test/known-answers.ts'
import { providers } from '../../test/providers.ts'
import { randomBytes } from './node-bytes.ts'

const key = bytes('808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f')
const nonce = bytes('070000004041424344454647')
const ad = bytes('50515253c0c1c2c3c4c5c6c7')
const none = new Uint8Array(0)

describe.each(providers)('provider $name', provider => {
  // spec: STT-CRY-1
  test('hashes as RFC 7693 appendix A has it, whole or in parts', () => {
    const abc =
      'ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923'
    expect(hex(provider.hash(text('abc')))).toBe(abc)
    expect(hex(provider.hash(text('a'), none, text('bc')))).toBe(abc)
  })

  // spec: STT-CRY-1
  test('makes an HMAC with a block of 128 bytes', () => {
    for (const { key, mac } of known.hmac) {
      expect(hex(provider.hmac(bytes(key), text('STT known '), text('answer')))).toBe(mac)
    }
  })

  test('seals as RFC 8439 §2.8.2 has it', () => {
    const plaintext = text(
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
    )
    const sealed = new Uint8Array(plaintext.length + 16)
    expect(provider.aead(key).seal(nonce, ad, plaintext, sealed)).toBe(sealed.length)
    expect(hex(sealed.subarray(0, 16))).toBe('d31a8d34648e60db7b86afbc53ef7ec2')
    expect(hex(sealed.subarray(-16))).toBe('1ae10b594f09e26a7e902ecbd0600691')
  })

  test('seals and opens at an offset, and in place', () => {
    const aead = provider.aead(key)
    const buffer = new Uint8Array(40).fill(0xaa)
    expect(aead.seal(nonce, ad, text('in place'), buffer, 4)).toBe(28)
    expect(buffer.subarray(0, 4)).toEqual(new Uint8Array(4).fill(0xaa))
    expect(buffer.subarray(28)).toEqual(new Uint8Array(12).fill(0xaa))

    expect(aead.open(nonce, ad, buffer.subarray(4, 28), buffer, 4)).toBe(8)
    expect(buffer.subarray(4, 12)).toEqual(text('in place'))
    expect(aead.seal(nonce, ad, buffer.subarray(4, 12), buffer, 4)).toBe(28)
    expect(aead.open(nonce, ad, buffer.subarray(4, 28), buffer, 30)).toBe(8)
    expect(buffer.subarray(30, 38)).toEqual(text('in place'))
  })

  test('opens into a new buffer, to which it never writes again', () => {
    const aead = provider.aead(key)
    const [first, second] = ['one', 'two'].map(plaintext => {
      const sealed = new Uint8Array(19)
      aead.seal(nonce, ad, text(plaintext), sealed)
      return aead.openToOwnBuffer(nonce, ad, sealed)!
    })
    expect([first, second]).toEqual([text('one'), text('two')])
    expect([first!.byteLength, first!.buffer.byteLength, first!.constructor]).toEqual([3, 3, Uint8Array])
  })

  // spec: STT-CRY-3
  test('refuses every flipped bit and leaves the output alone', () => {
    const aead = provider.aead(key)
    const sealed = new Uint8Array(16 + 5)
    aead.seal(nonce, ad, text('hello'), sealed)
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const forged = sealed.slice()
      forged[bit >> 3]! ^= 1 << (bit & 7)
      const out = new Uint8Array(5).fill(0xaa)
      expect(aead.open(nonce, ad, forged, out)).toBe(-1)
      expect(aead.openToOwnBuffer(nonce, ad, forged)).toBeUndefined()
      expect(out).toEqual(new Uint8Array(5).fill(0xaa))
      expect(aead.open(nonce, ad, forged, forged)).toBe(-1)
    }
    const out = new Uint8Array(5).fill(0xaa)
    expect(aead.open(nonce, bytes('50515253c0c1c2c3c4c5c6c6'), sealed, out)).toBe(-1)
    expect(aead.open(bytes('070000004041424344454648'), ad, sealed, out)).toBe(-1)
    expect(out).toEqual(new Uint8Array(5).fill(0xaa))
    expect(aead.open(nonce, ad, sealed, out)).toBe(5)
  })

  // spec: STT-CRY-2
  test.each([0, 4, 8, 12, 15])('refuses a tag cut to %i bytes', length => {
    const aead = provider.aead(key)
    const sealed = new Uint8Array(16)
    aead.seal(nonce, ad, none, sealed)
    expect(aead.open(nonce, ad, sealed.subarray(0, length), none)).toBe(-1)
    expect(aead.openToOwnBuffer(nonce, ad, sealed.subarray(0, length))).toBeUndefined()
    expect(aead.open(nonce, ad, sealed, none)).toBe(0)
  })

  test('refuses keys, nonces and buffers of the wrong size by a typed error', () => {
    const aead = provider.aead(key)
    const invalid = errorCode('STT_INVALID_ARGUMENT')
    expect(() => provider.aead(key.subarray(1))).toThrow(invalid)
    expect(() => provider.keyPair(new Uint8Array(33))).toThrow(invalid)
    expect(() => aead.seal(nonce.subarray(1), ad, none, new Uint8Array(16))).toThrow(invalid)
    expect(() => aead.open(new Uint8Array(24), ad, new Uint8Array(16), none)).toThrow(invalid)
    expect(() => aead.openToOwnBuffer(new Uint8Array(24), ad, new Uint8Array(16))).toThrow(invalid)
    expect(() => aead.seal(nonce, ad, none, new Uint8Array(15))).toThrow(invalid)
    expect(() => aead.seal(nonce, ad, none, new Uint8Array(16), 1)).toThrow(invalid)
    expect(() => aead.seal(nonce, ad, none, new Uint8Array(16), -1)).toThrow(invalid)
    expect(() => aead.open(nonce, ad, new Uint8Array(20), new Uint8Array(3))).toThrow(invalid)
  })

  test('keeps its own copy of a key, and works no more once disposed', () => {
    const mine = key.slice()
    const aead = provider.aead(mine)
    mine.fill(0)
    const sealed = new Uint8Array(16)
    aead.seal(nonce, ad, none, sealed)
    expect(provider.aead(key).open(nonce, ad, sealed, none)).toBe(0)

    const gone = errorCode('STT_DISPOSED')
    aead.dispose()
    expect(() => aead.seal(nonce, ad, none, sealed)).toThrow(gone)
    expect(() => aead.open(nonce, ad, sealed, none)).toThrow(gone)
    expect(() => aead.openToOwnBuffer(nonce, ad, sealed)).toThrow(gone)
    const pair = provider.keyPair(key)
    pair.dispose()
    expect(() => pair.agree(provider.keyPair(pattern(3, 32)).publicKey)).toThrow(gone)
  })

  test('agrees as RFC 7748 §5.2 has it', () => {
    const pair = provider.keyPair(bytes('a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4'))
    const shared = pair.agree(bytes('e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c'))
    expect(hex(shared)).toBe('c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552')
  })

  test('agrees with each peer of many, in any order', () => {
    const [pair, ...peers] = Array.from({ length: 6 }, (_, i) => provider.keyPair(pattern(i, 32)))
    const order = [0, 1, 0, 2, 2, 1, 3, 0, 4, 4, 3]
    const agreed = order.map(i => pair!.agree(peers[i]!.publicKey))
    expect(agreed).toEqual(order.map(i => peers[i]!.agree(pair!.publicKey)))
  })

  test('makes pairs that agree: of given bytes always the same, of randomBytes never', () => {
    const given = provider.generateKeyPair(length => key.slice(0, length))
    expect(given.publicKey).toEqual(provider.keyPair(key).publicKey)
    const [a, b] = [provider.generateKeyPair(randomBytes), provider.generateKeyPair(randomBytes)]
    expect(a.publicKey).not.toEqual(b.publicKey)
    expect(a.agree(b.publicKey)).toEqual(b.agree(a.publicKey))
    expect(given.agree(a.publicKey)).toEqual(a.agree(given.publicKey))
    expect(() => provider.generateKeyPair(() => key.slice(1))).toThrow(errorCode('STT_INVALID_ARGUMENT'))
  })

  // spec: STT-CRY-5
  test.each(lowOrderPoints)('refuses the point of low order %s', point => {
    const pair = provider.keyPair(key)
    expect(() => pair.agree(bytes(point))).toThrow(errorCode('STT_BAD_KEY'))
  })

  test('refuses public keys of another length', () => {
    const pair = provider.keyPair(key)
    for (const length of [0, 31, 33]) {
      expect(() => pair.agree(new Uint8Array(length).fill(9))).toThrow(errorCode('STT_BAD_KEY'))
    }
  })

  // spec: STT-CRY-17
  test('shows no key in what it throws or in its objects', async () => {
    const { inspect } = await import('node:util')
    const secret = 'a0a1a2a3'
    const shown = [provider.aead(key), provider.keyPair(key)].map(o => inspect(o, { showHidden: true, depth: 9 }))
    shown.push(JSON.stringify(provider.aead(key)), JSON.stringify(provider.keyPair(key)))
    try {
      provider.keyPair(key).agree(none)
    } catch (error) {
      expect(isSttError(error)).toBe(true)
      shown.push(inspect(error, { depth: 9 }))
    }
    expect(shown).toHaveLength(5)
    for (const output of shown) {
      expect(output).not.toContain(secret)
      expect(output.toLowerCase()).not.toContain('80 81 82 83')
      expect(output).not.toContain('128, 129, 130')
    }
  })
})

// The law that lets a session not care which provider the other end has.
test('all providers give the same bytes for random inputs', () => {
  const blob = (max: number) => fc.uint8Array({ maxLength: max })
  // Providers change their ways at some sizes: around a block, a chunk and the largest packet.
  const edges = fc.constantFrom(63, 64, 65, 16_383, 16_384, 16_385, 65_535).map(length => pattern(5, length))
  const fixed = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
  fc.assert(
    fc.property(fixed(32), fixed(32), fixed(12), blob(40), fc.oneof(blob(300), edges), (k, k2, n, a, data) => {
      const peer = providers[0]!.keyPair(k2).publicKey
      const results = providers.map(provider => {
        const sealed = new Uint8Array(data.length + 16)
        provider.aead(k).seal(n, a, data, sealed)
        const pair = provider.keyPair(k)
        return [provider.hash(data, a), provider.hmac(data, a), pair.publicKey, pair.agree(peer), sealed]
      })
      for (const result of results) expect(Buffer.concat(result).equals(Buffer.concat(results[0]!))).toBe(true)
      const sealed = results[0]![4]!
      for (const provider of providers) {
        const out = new Uint8Array(data.length)
        expect(provider.aead(k).open(n, a, sealed, out)).toBe(data.length)
        expect(Buffer.from(out).equals(data)).toBe(true)
        expect(Buffer.from(provider.aead(k).openToOwnBuffer(n, a, sealed)!).equals(data)).toBe(true)
      }
    }),
    { numRuns: 40 },
  )
})
