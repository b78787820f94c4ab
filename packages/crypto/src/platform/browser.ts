import { lengthOf } from '../providers/checks.ts'
import { portableProvider } from '../providers/portable.ts'
import type { CryptoProvider, Entropy } from '../providers/provider.ts'

export const provider: CryptoProvider = portableProvider

export const randomBytes: Entropy = length => {
  const bytes = new Uint8Array(lengthOf(length))
  for (let offset = 0; offset < length; offset += QUOTA) {
    globalThis.crypto.getRandomValues(bytes.subarray(offset, offset + QUOTA))
  }
  return bytes
}

/** `getRandomValues` refuses more at once (Web Cryptography API §10.1.1). */
const QUOTA = 65_536
