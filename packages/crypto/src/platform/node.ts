import { randomFillSync } from 'node:crypto'
import { nodeProvider } from '../providers/node.ts'
import { portableProvider } from '../providers/portable.ts'
import type { CryptoProvider, Entropy } from '../providers/provider.ts'
import { selectProvider } from '../providers/select.ts'

export const provider: CryptoProvider = /* @__PURE__ */ selectProvider([nodeProvider, portableProvider])

export const randomBytes: Entropy = length => randomFillSync(new Uint8Array(length))
