import { EMPTY } from './bytes.ts'
import type { CryptoProvider } from './providers/provider.ts'

const HASH_LENGTH = 64

/** The most that HKDF-Expand can give: 255 blocks of the hash. */
export const MAX_EXPANDED: number = 255 * HASH_LENGTH

/** HKDF-Expand (RFC 5869 §2.3) over HMAC-BLAKE2b-512; at most `MAX_EXPANDED` bytes. */
export function expand(
  provider: CryptoProvider,
  key: Uint8Array,
  info: Uint8Array,
  length: number,
): Uint8Array<ArrayBuffer> {
  const output = new Uint8Array(length)
  let block: Uint8Array<ArrayBuffer> = EMPTY
  for (let offset = 0, counter = 1; offset < length; offset += HASH_LENGTH, counter++) {
    const next = provider.hmac(key, block, info, Uint8Array.of(counter))
    block.fill(0)
    block = next
    output.set(block.subarray(0, length - offset), offset)
  }
  block.fill(0)
  return output
}
