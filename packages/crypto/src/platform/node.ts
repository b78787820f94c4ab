import { bySizeProvider } from '../providers/by-size.ts'
import { nodeProvider } from '../providers/node.ts'
import { portableProvider } from '../providers/portable.ts'
import type { CryptoProvider } from '../providers/provider.ts'
import { selectProvider } from '../providers/select.ts'

// Only `node:crypto` is checked for known answers here: an AEAD key of the other would load WebAssembly at once.
const sound: CryptoProvider = /* @__PURE__ */ selectProvider([nodeProvider, portableProvider])

export const provider: CryptoProvider = sound === nodeProvider ? bySizeProvider : sound

export { randomBytes } from '../providers/node-bytes.ts'
