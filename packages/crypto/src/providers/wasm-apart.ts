/** Loaded by itself, once WebAssembly is worth it: libsodium, and the known answers to check it by. */

export { passesSelfTest } from './select.ts'
export { loadPrimitives } from './wasm.ts'
