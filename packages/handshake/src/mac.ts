import { type CryptoProvider, equalBytes } from '@stt/crypto'
import { MAC_LENGTH } from './header.ts'

// mac1, the trailer of every message but RETRY: a cheap filter against senders without the seed. It
// authenticates no node: every seed holder can make one. spec: STT-HS-8

/** Fills the last 16 bytes of `message` with mac1 over everything before. */
export function sealMac<Message extends Uint8Array>(
  provider: CryptoProvider,
  macKey: Uint8Array,
  message: Message,
): Message {
  const end = message.length - MAC_LENGTH
  message.set(provider.hmac(macKey, message.subarray(0, end)).subarray(0, MAC_LENGTH), end)
  return message
}

/** Whether the trailer of `message` was made with `macKey`. */
export function hasMac(provider: CryptoProvider, macKey: Uint8Array, message: Uint8Array): boolean {
  const end = message.length - MAC_LENGTH
  const expected = provider.hmac(macKey, message.subarray(0, end)).subarray(0, MAC_LENGTH)
  return equalBytes(expected, message.subarray(end))
}

/**
 * Which of the keys made the trailer of `message`: its index, or -1. Every key is tried, so that the time taken tells
 * nothing of which seed was used. spec: STT-HS-36
 */
export function findMac(provider: CryptoProvider, macKeys: readonly Uint8Array[], message: Uint8Array): number {
  let found = -1
  for (const [index, macKey] of macKeys.entries()) {
    if (hasMac(provider, macKey, message) && found === -1) found = index
  }
  return found
}
