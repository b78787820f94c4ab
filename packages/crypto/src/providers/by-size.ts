import { nodeProvider } from './node.ts'
import { type WasmProvider, withWasm } from './with-wasm.ts'

/**
 * Bytes of a sealed unit up to which WebAssembly takes less time: between 2,048 and 4,096 on Node 20, 24 and 26
 * (tooling/bench, `bench aead`).
 */
export const CROSSOVER = 3_072

/**
 * Node's default: libsodium as WebAssembly for small units, for which `node:crypto` spends most of its time on making an
 * object; `node:crypto` for large ones, where its wider instructions win, and for X25519 and ML-KEM.
 */
export const bySizeProvider: WasmProvider = /* @__PURE__ */ withWasm({
  base: nodeProvider,
  crossover: CROSSOVER,
  room: 17_408,
  // Loading takes as long as what it saves in some thousand small units: not for a program that says a few things and ends.
  worthAfter: 16_384,
})
