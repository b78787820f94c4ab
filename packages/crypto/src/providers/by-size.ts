import { nodeProvider } from './node.ts'
import { type WasmProvider, withWasm } from './with-wasm.ts'

/**
 * Node's default: libsodium as WebAssembly for small units, where an object of `node:crypto` for each is what costs, and
 * `node:crypto` for large ones, whose wider instructions win, and for X25519 and ML-KEM.
 */
export const bySizeProvider: WasmProvider = /* @__PURE__ */ withWasm({
  base: nodeProvider,
  // Measured with `npm run bench aead`.
  crossover: /* @__PURE__ */ crossoverOf(process.versions.node),
  room: 17_408,
  worthAfter: 0,
})

/**
 * Bytes of a sealed unit up to which WebAssembly takes less time, by what an object of `node:crypto` costs: 14 µs on
 * Node 24 (OpenSSL 3.5 looks its algorithm up anew for each), 4 µs before and after.
 */
export function crossoverOf(version: string): number {
  const major = Number.parseInt(version, 10)
  return major === 23 || major === 24 ? 7_168 : 2_048
}
