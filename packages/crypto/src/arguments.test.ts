import vm from 'node:vm'
import { describe, expect, test } from 'vitest'
import { errorCode } from '../test/bytes.ts'
import {
  argon2id,
  ChunkOpener,
  ChunkSealer,
  type CryptoProvider,
  cke,
  concatBytes,
  createChunkSuite,
  deriveChunkKeys,
  equalBytes,
  fromHex,
  Identity,
  openChunks,
  phe,
  provider,
  Seed,
  sealChunks,
  sealedLength,
  toHex,
} from './index.ts'

const key = Uint8Array.from({ length: 32 }, (_, i) => i * 7 + 1)
const context = Uint8Array.of(1, 2)
const sealed = sealChunks(context, { key, context })
const header = sealed.subarray(0, 56)

/** Each call that takes bytes, made with what stands in their place. */
const calls: Record<string, (given: Uint8Array) => unknown> = {
  'the secret of cke.derive': given => cke.derive(given, 'label', context, 32),
  'the context of cke.derive': given => cke.derive(key, 'label', given, 32),
  'cke.streamContext': given => cke.streamContext(given, 1),
  'cke.exportKey': given => cke.exportKey(given, 'label', 32),
  'phe.digest': given => phe.digest('domain', given),
  'phe.hash': given => phe.hash(given),
  'the data of phe.verify': given => phe.verify(given, key),
  'the hash of phe.verify': given => phe.verify(key, given),
  'the key of sealChunks': given => sealChunks(context, { key: given, context }),
  'the context of sealChunks': given => sealChunks(context, { key, context: given }),
  'the plaintext of sealChunks': given => sealChunks(given, { key, context }),
  'ChunkSealer.update': given => new ChunkSealer({ key, context }).update(given),
  openChunks: given => openChunks(given, { key, context }),
  'the context of openChunks': given => openChunks(sealed, { key, context: given }),
  'the header of ChunkOpener': given => new ChunkOpener({ key, context, header: given }),
  'ChunkOpener.update': given => new ChunkOpener({ key, context, header }).update(given),
  'the salt of deriveChunkKeys': given => deriveChunkKeys(createChunkSuite(provider), key, given, context),
  'Identity.fromPrivateKey': given => Identity.fromPrivateKey(given),
  'Seed.fromBytes': given => Seed.fromBytes(given),
  equalBytes: given => equalBytes(key, given),
  concatBytes: given => concatBytes([key, given]),
  toHex: given => toHex(given),
  'provider.hash': given => provider.hash(given),
  'the key of provider.hmac': given => provider.hmac(given, key),
  'provider.hmac': given => provider.hmac(key, given),
  'provider.aead': given => provider.aead(given),
  'provider.keyPair': given => provider.keyPair(given),
  'the peer’s key of agree': given => provider.keyPair(key).agree(given),
  'what entropy gives': given => Seed.generate(() => given),
}

describe.each(Object.entries(calls))('%s', (_, call) => {
  test.each([
    ['32 letters', 'abcdefghijklmnopqrstuvwxyz012345'],
    ['an array of numbers', Array.from(key)],
    ['nothing', undefined],
    ['null', null],
    ['a number', 32],
    ['an object with a length', { length: 32 }],
  ])('refuses %s', (__, given) => {
    expect(() => call(given as never)).toThrow(errorCode('STT_INVALID_ARGUMENT'))
  })
})

test('bytes are taken from views and buffers and other realms by what they cover', () => {
  const { buffer } = key
  const foreign = vm.runInNewContext('Uint8Array.from({ length: 32 }, (_, i) => i * 7 + 1)') as Uint8Array
  for (const same of [buffer, new DataView(buffer), new Float64Array(buffer), foreign] as Uint8Array[]) {
    expect(cke.derive(same, 'label', same, 32)).toEqual(cke.derive(key, 'label', key, 32))
    expect(phe.digest('domain', same)).toEqual(phe.digest('domain', key))
    expect(Identity.fromPrivateKey(same).id).toEqual(Identity.fromPrivateKey(key).id)
    expect(Seed.fromBytes(same).toBytes()).toEqual(key)
    expect(concatBytes([same, same])).toEqual(concatBytes([key, key]))
    expect(equalBytes(same, key)).toBe(true)
    expect(toHex(same)).toBe(toHex(key))
    expect(provider.hash(same)).toEqual(provider.hash(key))
    expect(provider.hmac(same, same)).toEqual(provider.hmac(key, key))
    expect(provider.keyPair(same).publicKey).toEqual(provider.keyPair(key).publicKey)
    expect(openChunks(sealChunks(same, { key: same, context: same }), { key, context: key })).toEqual(key)
  }
})

test('a key of zeros is refused as a private key: all nodes with that mistake would be the same node', () => {
  expect(() => Identity.fromPrivateKey(new Uint8Array(32))).toThrow(errorCode('STT_BAD_KEY'))
  expect(() => Seed.fromBytes(new Uint8Array(32))).toThrow(errorCode('STT_WEAK_SEED'))
})

test('what is no text is refused as one', async () => {
  const bad = errorCode('STT_INVALID_ARGUMENT')
  for (const given of [undefined, null, 7, key, {}] as never[]) {
    expect(() => cke.derive(key, given, context, 32)).toThrow(bad)
    expect(() => cke.exportKey(key, given, 32)).toThrow(bad)
    expect(() => phe.digest(given, key)).toThrow(bad)
    expect(() => Seed.fromHex(given)).toThrow(bad)
    await expect(Seed.fromPassphrase(given)).rejects.toThrow(bad)
    expect(fromHex(given)).toBeUndefined()
  }
})

test('numbers out of range and options that are not known are refused', async () => {
  const bad = errorCode('STT_INVALID_ARGUMENT')
  for (const length of [0, -1, 1.5, Number.NaN, '32', undefined, 16_321] as never[]) {
    expect(() => cke.derive(key, 'label', context, length)).toThrow(bad)
  }
  for (const id of [-1, 2 ** 53, 0.5, '1', undefined, null, -1n, 2n ** 64n] as never[]) {
    expect(() => cke.streamContext(key, id)).toThrow(bad)
  }
  for (const length of [-1, Number.NaN, '1', undefined] as never[]) expect(() => sealedLength(length)).toThrow(bad)
  expect(() => new ChunkSealer({ key, context, entropi: () => key } as never)).toThrow(/entropi is not an option/)
  expect(() => new ChunkSealer(undefined as never)).toThrow(bad)
  expect(() => new ChunkOpener({ key, context, header, first: 1 } as never)).toThrow(/first is not an option/)
  const argon2 = { passes: 1, memory: 8, lanes: 1, length: 32 }
  for (const wrong of [{ passes: 0 }, { memory: 7 }, { lanes: 0 }, { length: 3 }, { signal: 5 }, { pass: 1 }]) {
    await expect(argon2id(key, key, { ...argon2, ...wrong } as never)).rejects.toThrow(bad)
  }
  await expect(argon2id(key, key, undefined as never)).rejects.toThrow(bad)
  await expect(Seed.fromPassphrase('x', { network: 'a' } as never)).rejects.toThrow(/network is not an option/)
  expect(() => Seed.generate(32 as never)).toThrow(bad)
})

test.each(['hash', 'hmac', 'aead', 'keyPair', 'generateKeyPair', 'kem'])(
  'a provider whose %s is of another kind is none',
  part => {
    for (const wrong of [7, undefined, null]) {
      const given = { ...provider, [part]: wrong } as CryptoProvider
      expect(() => Identity.fromPrivateKey(key, given)).toThrow(errorCode('STT_INVALID_ARGUMENT'))
    }
  },
)
