import { describe, expect, test } from 'vitest'
import { errorCode } from '../../test/bytes.ts'
import { providers } from '../../test/providers.ts'
import type { AeadKey, CryptoProvider } from './provider.ts'
import { passesSelfTest, selectProvider } from './select.ts'

const good = providers[0]!

const withAead = (change: (aead: AeadKey) => Partial<AeadKey>): CryptoProvider => ({
  ...good,
  aead(key) {
    const aead = good.aead(key)
    const bound: AeadKey = {
      seal: aead.seal.bind(aead),
      open: aead.open.bind(aead),
      openToOwnBuffer: aead.openToOwnBuffer.bind(aead),
      dispose: aead.dispose.bind(aead),
    }
    return { ...bound, ...change(bound) }
  },
})

test.each(providers)('$name passes', provider => {
  expect(passesSelfTest(provider)).toBe(true)
})

describe('a provider that is wrong in one thing fails', () => {
  test.each<[string, CryptoProvider]>([
    ['another hash', { ...good, hash: (...parts) => good.hash(...parts, Uint8Array.of(0)) }],
    ['only the first part', { ...good, hash: part => good.hash(part!) }],
    ['another HMAC', { ...good, hmac: (key, ...parts) => good.hash(key, ...parts) }],
    [
      'a missing algorithm',
      {
        ...good,
        hash() {
          throw new Error('Digest method not supported')
        },
      },
    ],
    ['no ciphertext', withAead(() => ({ seal: () => 0 }))],
    [
      'tags that are not checked',
      withAead(() => ({
        open: (_nonce, _ad, ciphertext, out) => {
          out.set(good.hash().subarray(0, 0))
          return ciphertext.length - 16
        },
      })),
    ],
    [
      'tags that are not checked where memory is its own',
      withAead(({ openToOwnBuffer }) => ({
        openToOwnBuffer: (nonce, ad, ciphertext) => openToOwnBuffer(nonce, ad, ciphertext) ?? new Uint8Array(3),
      })),
    ],
    ['another plaintext where memory is its own', withAead(() => ({ openToOwnBuffer: () => new Uint8Array(3) }))],
    [
      'short tags that are taken',
      withAead(({ open }) => ({
        open: (nonce, ad, ciphertext, out) =>
          ciphertext.length < out.length + 16 ? 0 : open(nonce, ad, ciphertext, out),
      })),
    ],
    [
      'another curve',
      {
        ...good,
        keyPair: key => ({ publicKey: good.keyPair(key).publicKey, agree: () => new Uint8Array(32), dispose() {} }),
      },
    ],
  ])('%s', (_name, provider) => {
    expect(passesSelfTest(provider)).toBe(false)
    expect(selectProvider([provider, good])).toBe(good)
  })
})

test('the first that passes is chosen; none is an error', () => {
  expect(selectProvider(providers)).toBe(providers[0])
  expect(() => selectProvider([])).toThrow(errorCode('STT_UNSUPPORTED'))
})
