import type { CryptoProvider } from './providers/provider.ts'
import { selectProvider } from './providers/select.ts'
import { libsodium } from './providers/sodium.ts'

/**
 * libsodium through the optional peer dependency `sodium-native`, for any `provider` option. Importing this entry fails where
 * the package is missing, and with STT_UNSUPPORTED where it gives wrong answers.
 */
export const sodiumProvider: CryptoProvider = /* @__PURE__ */ selectProvider([libsodium])
