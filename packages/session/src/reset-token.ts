import type { CryptoProvider } from '@stt/crypto'

/** Bytes of a reset token. */
export const RESET_TOKEN_SIZE = 16

/**
 * The token that ends the sessions of one connection id: the first 16 bytes of HMAC(resetKey, connection id).
 *
 * @param resetKey 32 bytes, derived from the responder's static key, so that a restarted process has the same ones
 */
// spec: STT-PKT-38
export function resetToken(
  provider: CryptoProvider,
  resetKey: Uint8Array,
  connectionId: Uint8Array,
): Uint8Array<ArrayBuffer> {
  return provider.hmac(resetKey, connectionId).subarray(0, RESET_TOKEN_SIZE)
}
