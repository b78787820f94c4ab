import createModule from 'libsodium'
import { bySizeProvider } from '../src/providers/by-size.ts'
import { nodeProvider } from '../src/providers/node.ts'
import { portableProvider } from '../src/providers/portable.ts'
import type { CryptoProvider } from '../src/providers/provider.ts'
import { WasmPrimitives } from '../src/providers/wasm.ts'
import { wasmOnly, withWasm } from '../src/providers/with-wasm.ts'
import { sodiumProvider } from '../src/sodium.ts'

/** A page's provider behind its first transfer; `portableProvider` is what it is before. */
const loadedPage = withWasm({
  base: portableProvider,
  crossover: Number.POSITIVE_INFINITY,
  room: 66_560,
  worthAfter: 0,
})
await Promise.all([bySizeProvider.load(), loadedPage.load()])

/** Every suite runs on each of these. */
export const providers: readonly CryptoProvider[] = [
  nodeProvider,
  wasmOnly(nodeProvider, new WasmPrimitives(await createModule(), 17_408)),
  bySizeProvider,
  portableProvider,
  loadedPage,
  sodiumProvider,
]
