/** What is loaded apart from everything else, once WebAssembly is worth it: libsodium, and the answers that it has to know. */

export { passesSelfTest } from './select.ts'
export { loadPrimitives } from './wasm.ts'
