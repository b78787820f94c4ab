import { nodeProvider } from '../providers/node.ts'
import { portableProvider } from '../providers/portable.ts'
import type { CryptoProvider } from '../providers/provider.ts'
import { selectProvider } from '../providers/select.ts'

export const provider: CryptoProvider = /* @__PURE__ */ selectProvider([nodeProvider, portableProvider])

export { randomBytes } from '../providers/node-bytes.ts'
