import { bySizeProvider } from '../providers/by-size.ts'
import { nodeProvider } from '../providers/node.ts'
import { portableProvider } from '../providers/portable.ts'
import type { CryptoProvider } from '../providers/provider.ts'
import { selectProvider } from '../providers/select.ts'

// What is asked for known answers is `node:crypto` alone: asking the other for an AEAD key would load WebAssembly at once.
const sound: CryptoProvider = /* @__PURE__ */ selectProvider([nodeProvider, portableProvider])

export const provider: CryptoProvider = sound === nodeProvider ? bySizeProvider : sound

export { randomBytes } from '../providers/node-bytes.ts'
