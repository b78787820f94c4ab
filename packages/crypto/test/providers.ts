import createModule from 'libsodium'
import { bySizeProvider, loadWasm, wasmProvider } from '../src/providers/by-size.ts'
import { nodeProvider } from '../src/providers/node.ts'
import { portableProvider } from '../src/providers/portable.ts'
import type { CryptoProvider } from '../src/providers/provider.ts'
import { WasmPrimitives } from '../src/providers/wasm.ts'
import { sodiumProvider } from '../src/sodium.ts'

await loadWasm()

/** Every suite runs on each of these. */
export const providers: readonly CryptoProvider[] = [
  nodeProvider,
  wasmProvider(new WasmPrimitives(await createModule())),
  bySizeProvider,
  portableProvider,
  sodiumProvider,
]
