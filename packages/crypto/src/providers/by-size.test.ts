import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import createModule from 'libsodium'
import { expect, test } from 'vitest'
import { bySizeProvider, CROSSOVER } from './by-size.ts'
import { nodeProvider } from './node.ts'
import { randomBytes } from './node-bytes.ts'
import { WasmPrimitives } from './wasm.ts'
import { wasmOnly } from './with-wasm.ts'

const fill = (length: number, first = 0): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 31 + first) & 255)

test('both halves give the same bytes, on both sides of every size at which one hands over to the other', async () => {
  await bySizeProvider.load()
  expect(bySizeProvider.name).toBe('node+wasm')
  const keyBytes = fill(32, 1)
  const nonce = fill(12, 2)
  const edges = [CROSSOVER, 17_408].flatMap(edge => [-17, -16, -15, 0, 1].map(by => edge + by))
  for (const size of [0, 1, 15, 16, 17, ...edges]) {
    for (const ad of [fill(0), fill(17, 3), fill(1_024, 3), fill(1_025, 3)]) {
      const text = fill(size, 4)
      const sealed = [
        nodeProvider,
        bySizeProvider,
        wasmOnly(nodeProvider, new WasmPrimitives(await createModule(), 17_408)),
      ].map(each => {
        const out = new Uint8Array(size + 16)
        const key = each.aead(keyBytes)
        expect(key.seal(nonce, ad, text, out)).toBe(out.length)
        const back = new Uint8Array(size)
        expect(key.open(nonce, ad, out, back)).toBe(size)
        expect(Buffer.compare(back, text)).toBe(0)
        expect(Buffer.compare(key.openToOwnBuffer(nonce, ad, out)!, text)).toBe(0)
        return Buffer.from(out).toString('base64')
      })
      expect(new Set(sealed).size).toBe(1)
    }
  }
})

test('hashes and HMACs agree whatever their key, their parts and their sizes', async () => {
  const wasm = wasmOnly(nodeProvider, new WasmPrimitives(await createModule(), 17_408))
  const parts = fc.array(fc.integer({ min: 0, max: 9_000 }), { maxLength: 4 })
  fc.assert(
    fc.property(parts, fc.integer({ min: 0, max: 200 }), (sizes, keySize) => {
      const inputs = sizes.map((size, i) => fill(size, i))
      expect(wasm.hash(...inputs)).toEqual(nodeProvider.hash(...inputs))
      expect(wasm.hmac(fill(keySize), ...inputs)).toEqual(nodeProvider.hmac(fill(keySize), ...inputs))
    }),
    { numRuns: 60 },
  )
})

test('no key stays in the memory of WebAssembly when a call is over, and that memory does not grow', async () => {
  const module = await createModule()
  const wasm = wasmOnly(nodeProvider, new WasmPrimitives(module, 17_408))
  const before = module.HEAPU8.length
  const secret = randomBytes(32)
  const key = wasm.aead(secret)
  const sealed = new Uint8Array(1_040)
  const calls: Readonly<Record<string, () => unknown>> = {
    seal: () => key.seal(fill(12), fill(17), fill(1_024), sealed),
    open: () => key.open(fill(12), fill(17), sealed, new Uint8Array(1_024)),
    'open with a wrong tag': () => key.open(fill(12), fill(16), sealed, new Uint8Array(1_024)),
    openToOwnBuffer: () => key.openToOwnBuffer(fill(12), fill(17), sealed),
    hmac: () => wasm.hmac(secret, fill(100)),
    hash: () => wasm.hash(secret, fill(100)),
  }
  for (const [name, call] of Object.entries(calls)) {
    for (let round = 0; round < 100; round++) call()
    const heap = Buffer.from(module.HEAPU8.buffer)
    for (const pad of [0, 0x36, 0x5c]) {
      const trace = Buffer.from(secret.map(byte => byte ^ pad).subarray(0, 8))
      expect({ name, pad, found: heap.includes(trace) }).toEqual({ name, pad, found: false })
    }
  }
  expect(module.HEAPU8.length).toBe(before)
})

test('nothing is loaded before the first AEAD key, and a runtime without WebAssembly goes on with what it has', () => {
  const program = `
    let compiled = 0
    const { instantiate } = globalThis.WebAssembly ?? {}
    // Node's own loader has a module of WebAssembly too, a small one.
    const counting = (bytes, imports) => {
      if (bytes.byteLength > 100_000) compiled++
      return instantiate(bytes, imports)
    }
    if (instantiate) WebAssembly.instantiate = counting
    const { provider } = await import('${new URL('../index.ts', import.meta.url)}')
    const { bySizeProvider } = await import('${new URL('./by-size.ts', import.meta.url)}')
    const said = [provider.name]
    provider.hash(new Uint8Array(3))
    // By now the package's import would have loaded it.
    await import('${new URL('../../node_modules/libsodium/dist/modules-esm/libsodium.mjs', import.meta.url)}')
    const key = provider.aead(new Uint8Array(32).fill(1))
    key.seal(new Uint8Array(12), new Uint8Array(0), new Uint8Array(1_000), new Uint8Array(1_016))
    // Whatever was begun for these is there by now.
    for (let i = 0; i < 20; i++) await new Promise(setImmediate)
    said.push(compiled)
    await bySizeProvider.load()
    said.push(provider.name, provider.hash(new Uint8Array(3)).length)
    console.log(said.join(' '))`
  const run = (...flags: string[]): string =>
    spawnSync(
      process.execPath,
      [...flags, '--import', 'tsx', '--conditions=@stt/source', '--input-type=module', '-e', program],
      {
        encoding: 'utf8',
      },
    ).stdout.trim()
  expect(run()).toBe('node 0 node+wasm 64')
  expect(run('--jitless')).toBe('node 0 node 64')
})
