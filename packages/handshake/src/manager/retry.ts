import { type CryptoProvider, createPhe, equalBytes } from '@stt/crypto'
import { HEADER_LENGTH, MAC_LENGTH, TOKEN_LENGTH } from '../header.ts'

// RETRY only proves that its sender saw the HELLO: the tag has no key, so that a listener can answer before it looks for
// the seed. spec: STT-HS-32

/** The token of a RETRY that answers this HELLO; undefined when it answers anything else. */
export function readRetry(provider: CryptoProvider, hello: Uint8Array, retry: Uint8Array): Uint8Array | undefined {
  // The tag covers the header too; only a sender that makes the tag for other ids has to be refused by name.
  if (!retry.subarray(16, HEADER_LENGTH).every(byte => byte === 0)) return undefined
  if (!equalBytes(retryTag(provider, hello, retry), retry.subarray(HEADER_LENGTH + TOKEN_LENGTH))) return undefined
  return retry.slice(HEADER_LENGTH, HEADER_LENGTH + TOKEN_LENGTH)
}

/** @param retry the message, of which everything before the tag is covered */
export function retryTag(provider: CryptoProvider, hello: Uint8Array, retry: Uint8Array): Uint8Array {
  const before = retry.subarray(0, HEADER_LENGTH + TOKEN_LENGTH)
  return createPhe(provider).digest('retry', hello, before).subarray(0, MAC_LENGTH)
}
