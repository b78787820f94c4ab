import createModule from 'libsodium'
import { expect, test } from 'vitest'
import { portableProvider } from './portable.ts'
import { WasmPrimitives } from './wasm.ts'
import * as apart from './wasm-apart.ts'
import { withWasm } from './with-wasm.ts'

const PAGE = { base: portableProvider, crossover: Number.POSITIVE_INFINITY, room: 66_560, worthAfter: 100_000 }
const [nonce, ad] = [new Uint8Array(12), new Uint8Array(17)]

/** Gives a sealed text, and keeps to what both providers must. */
function seal(provider: typeof portableProvider, size: number): Uint8Array {
  const key = provider.aead(new Uint8Array(32).fill(7))
  const sealed = new Uint8Array(size + 16)
  key.seal(nonce, ad, new Uint8Array(size).fill(1), sealed)
  key.dispose()
  return sealed
}

test('nothing is fetched before enough bytes went through all keys together; then it is, once', async () => {
  let fetched = 0
  const provider = withWasm(PAGE, async () => {
    fetched++
    return apart
  })
  for (let i = 0; i < 10; i++) seal(provider, 9_983)
  provider.hash(new Uint8Array(1_000_000))
  expect([fetched, provider.name]).toEqual([0, 'portable'])
  const opener = provider.aead(new Uint8Array(32).fill(7))
  expect(opener.openToOwnBuffer(nonce, ad, seal(portableProvider, 8))).toEqual(new Uint8Array(8).fill(1))
  seal(provider, 50_000)
  expect(fetched).toBe(1)
  await provider.load()
  expect([fetched, provider.name]).toEqual([1, 'portable+wasm'])
  // A key from before uses it too, and what is too large for it goes on as before.
  for (const size of [0, 65_519, 66_544, 66_545, 200_000]) {
    const sealed = seal(provider, size)
    expect(Buffer.compare(sealed, seal(portableProvider, size))).toBe(0)
    expect(Buffer.compare(opener.openToOwnBuffer(nonce, ad, sealed)!, new Uint8Array(size).fill(1))).toBe(0)
  }
})

test.each([
  ['cannot be fetched', () => Promise.reject(new Error('the network is gone'))],
  [
    'cannot be compiled',
    async () => ({ ...apart, loadPrimitives: () => Promise.reject(new Error('a policy forbids it')) }),
  ],
  [
    'gives wrong answers',
    async () => ({
      ...apart,
      loadPrimitives: async (room: number) =>
        new WasmPrimitives({ ...(await createModule()), _crypto_aead_chacha20poly1305_ietf_encrypt: () => 0 }, room),
    }),
  ],
])('one that %s is not used, and not asked for again', async (_why, fetchModule) => {
  let asked = 0
  const provider = withWasm({ ...PAGE, worthAfter: 0 }, () => {
    asked++
    return fetchModule()
  })
  const before = seal(provider, 100)
  await provider.load()
  expect(seal(provider, 100)).toEqual(before)
  expect([asked, provider.name]).toEqual([1, 'portable'])
})

test('what has no room is not taken, and what just has writes nothing behind it', async () => {
  const module = await createModule()
  const asked: number[] = []
  const begin = module._malloc(8_192)
  const primitives = new WasmPrimitives({ ...module, _malloc: bytes => asked.push(bytes) && begin }, 1_000)
  const behind = module.HEAPU8.subarray(begin + asked[0]!, begin + 8_192).fill(0xaa)
  expect([1_000, 1_001].map(length => primitives.takes(ad, length))).toEqual([true, false])
  expect([1_024, 1_025].map(length => primitives.takes(new Uint8Array(length), 16))).toEqual([true, false])
  const [most, key] = [new Uint8Array(1_000).fill(5), new Uint8Array(128).fill(6)]
  expect(primitives.hash([most])).toEqual(portableProvider.hash(most))
  expect(primitives.hash([most, most.subarray(0, 1)])).toBeUndefined()
  expect(primitives.hmac(key, [most.subarray(0, 872)])).toEqual(portableProvider.hmac(key, most.subarray(0, 872)))
  expect(primitives.hmac(key, [most.subarray(0, 873)])).toBeUndefined()
  expect(primitives.seal(key.subarray(0, 32), nonce, new Uint8Array(1_024), most.subarray(16), most, 0)).toBe(1_000)
  expect(behind.every(byte => byte === 0xaa)).toBe(true)
})
