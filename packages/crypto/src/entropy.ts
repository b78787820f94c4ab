import { bytesOf, checkType, SttError } from '@stt/errors'
import type { Entropy, KeyPair } from './providers/provider.ts'

/** Takes `length` bytes from `entropy`. @throws STT_INVALID_ARGUMENT when it gives another number */
export function draw(entropy: Entropy, length: number): Uint8Array {
  checkType(entropy, 'entropy', 'function')
  const bytes = bytesOf(entropy(length), 'what the entropy function gives')
  if (bytes.length === length) return bytes
  throw new SttError('STT_INVALID_ARGUMENT', `the entropy function gave ${bytes.length} bytes, not ${length}`)
}

/** The pair that `keyPair` makes of 32 bytes from `entropy`, which are wiped afterwards. */
export function drawKeyPair(entropy: Entropy, keyPair: (privateKey: Uint8Array) => KeyPair): KeyPair {
  const privateKey = draw(entropy, 32)
  try {
    return keyPair(privateKey)
  } finally {
    privateKey.fill(0)
  }
}
