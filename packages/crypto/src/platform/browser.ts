import { lengthOf } from '../providers/checks.ts'
import { portableProvider } from '../providers/portable.ts'
import type { CryptoProvider, Entropy } from '../providers/provider.ts'
import { withWasm } from '../providers/with-wasm.ts'

/**
 * The small portable provider, and libsodium as WebAssembly once a large transfer is worth loading it: for the largest packet
 * it takes a fifth of the time, and it loads as fast as a picture.
 */
export const provider: CryptoProvider = /* @__PURE__ */ withWasm({
  base: portableProvider,
  crossover: Number.POSITIVE_INFINITY,
  // The largest unit is a packet of 65,535 bytes.
  room: 66_560,
  worthAfter: 1_048_576,
})

export const randomBytes: Entropy = length => {
  const bytes = new Uint8Array(lengthOf(length))
  for (let offset = 0; offset < length; offset += QUOTA) {
    globalThis.crypto.getRandomValues(bytes.subarray(offset, offset + QUOTA))
  }
  return bytes
}

/** `getRandomValues` refuses more at once (Web Cryptography API §10.1.1). */
const QUOTA = 65_536
