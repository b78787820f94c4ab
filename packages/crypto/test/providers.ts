import { nodeProvider } from '../src/providers/node.ts'
import { portableProvider } from '../src/providers/portable.ts'
import type { CryptoProvider } from '../src/providers/provider.ts'
import { sodiumProvider } from '../src/sodium.ts'

/** Every suite runs on each of these. */
export const providers: readonly CryptoProvider[] = [nodeProvider, portableProvider, sodiumProvider]
