import { expect, test } from 'vitest'
import { bytes, errorCode, hex } from '../../test/bytes.ts'
import { providers } from '../../test/providers.ts'
import { describeVectors } from '../../test/vectors.ts'

interface Wycheproof<Case> {
  numberOfTests: number
  testGroups: { tests: (Case & { tcId: number; result: 'valid' | 'invalid' | 'acceptable'; flags: string[] })[] }[]
}

interface AeadCase {
  key: string
  iv: string
  aad: string
  msg: string
  ct: string
  tag: string
}

describeVectors<Wycheproof<AeadCase>>('wycheproof-chacha20_poly1305_test.json', ({ numberOfTests, testGroups }) => {
  test.each(providers)('all on $name', provider => {
    const cases = testGroups.flatMap(group => group.tests)
    expect(cases).toHaveLength(numberOfTests)
    for (const { tcId, key, iv, aad, msg, ct, tag, result } of cases) {
      const aead = provider.aead(bytes(key))
      const out = new Uint8Array(ct.length / 2)
      const open = () => aead.open(bytes(iv), bytes(aad), bytes(ct + tag), out)
      if (iv.length !== 24) {
        const seal = () => aead.seal(bytes(iv), bytes(aad), bytes(msg), new Uint8Array(msg.length / 2 + 16))
        expect(seal, `case ${tcId}`).toThrow(errorCode('STT_INVALID_ARGUMENT'))
      } else if (result === 'valid') {
        const sealed = new Uint8Array(msg.length / 2 + 16)
        aead.seal(bytes(iv), bytes(aad), bytes(msg), sealed)
        expect(hex(sealed), `case ${tcId}`).toBe(ct + tag)
        expect(open(), `case ${tcId}`).toBe(out.length)
        expect(hex(out), `case ${tcId}`).toBe(msg)
      } else {
        expect(open(), `case ${tcId}`).toBe(-1)
        expect(out, `case ${tcId}`).toEqual(new Uint8Array(out.length))
      }
    }
  })
})

interface XdhCase {
  public: string
  private: string
  shared: string
}

describeVectors<Wycheproof<XdhCase>>('wycheproof-x25519_test.json', ({ numberOfTests, testGroups }) => {
  test.each(providers)('all on $name', provider => {
    const cases = testGroups.flatMap(group => group.tests)
    expect(cases).toHaveLength(numberOfTests)
    for (const { tcId, public: publicKey, private: privateKey, shared, flags } of cases) {
      const agree = () => provider.keyPair(bytes(privateKey)).agree(bytes(publicKey))
      if (flags.includes('ZeroSharedSecret')) expect(agree, `case ${tcId}`).toThrow(errorCode('STT_BAD_KEY'))
      else expect(hex(agree()), `case ${tcId}`).toBe(shared)
    }
  })
})

interface KemCase {
  seed: string
  ek?: string
  c: string
  K: string
}

describeVectors<Wycheproof<KemCase>>('wycheproof-mlkem_768_test.json', ({ numberOfTests, testGroups }) => {
  test.each(providers)('all on $name', ({ kem }) => {
    const cases = testGroups.flatMap(group => group.tests)
    expect(cases).toHaveLength(numberOfTests)
    for (const { tcId, seed, ek, c, K, result } of cases) {
      const secret = () => {
        const pair = kem.generate(() => bytes(seed))
        if (ek !== undefined) expect(hex(pair.publicKey), `case ${tcId}`).toBe(ek)
        return hex(pair.decapsulate(bytes(c)))
      }
      if (result === 'valid') expect(secret(), `case ${tcId}`).toBe(K)
      else expect(secret, `case ${tcId}`).toThrow(/bytes, not/)
    }
  })
})
