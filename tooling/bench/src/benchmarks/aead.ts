import { nodeProvider } from '../../../../packages/crypto/src/providers/node.ts'
import type { AeadKey, CryptoProvider } from '../../../../packages/crypto/src/providers/provider.ts'
import { loadPrimitives } from '../../../../packages/crypto/src/providers/wasm.ts'
import { wasmOnly } from '../../../../packages/crypto/src/providers/with-wasm.ts'
import { sodiumProvider } from '../../../../packages/crypto/src/sodium.ts'
import type { Benchmark, Contestant } from '../benchmark.ts'

/** What sealing costs by size: where the default provider has to hand over from WebAssembly to `node:crypto`. */
export async function benchmarks(): Promise<readonly Benchmark[]> {
  const wasm = wasmOnly(nodeProvider, await loadPrimitives(17_408))
  return [
    {
      title: 'Sealing with ChaCha20-Poly1305, with the copy to where the packet goes',
      unit: 'µs',
      better: 'lower',
      reference: 'node:crypto',
      rows: SIZES.map(size => ({
        name: `${size.toLocaleString('en-US')} bytes`,
        contestants: [
          contestant('node:crypto', nodeProvider, size),
          ...(size <= LARGEST_IN_WASM ? [contestant('libsodium as WebAssembly', wasm, size)] : []),
          contestant('sodium-native', sodiumProvider, size),
        ],
      })),
      notes: ['Called from under ten functions: errors that are made and discarded cost by how deep the stack is'],
    },
  ]
}

function contestant(name: string, provider: CryptoProvider, size: number): Contestant {
  const key = provider.aead(new Uint8Array(32).fill(1))
  const text = new Uint8Array(size).fill(2)
  const out = new Uint8Array(size + 16)
  const count = Math.ceil(20_000_000 / (size + 4_000))
  return {
    name,
    measure() {
      const started = performance.now()
      for (let i = 0; i < count; i++) sealDeep(DEPTH, key, text, out)
      return (1_000 * (performance.now() - started)) / count
    },
  }
}

function sealDeep(depth: number, key: AeadKey, text: Uint8Array, out: Uint8Array): number {
  return depth > 0 ? sealDeep(depth - 1, key, text, out) : key.seal(NONCE, AD, text, out)
}

const SIZES = [64, 512, 1_452, 2_048, 3_072, 4_096, 6_144, 8_192, 16_384, 61_440]
const LARGEST_IN_WASM = 16_384
const DEPTH = 10
const NONCE = new Uint8Array(12)
const AD = new Uint8Array(17)
