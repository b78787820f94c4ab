import { type CryptoProvider, createPhe, equalBytes } from '@stt/crypto'
import { Fragment } from '../fragment.ts'
import { CID_LENGTH, HEADER_LENGTH, MAC_LENGTH, RETRY_LENGTH, TOKEN_LENGTH, writeHeader } from '../header.ts'
import { scidOf } from '../hello.ts'
import { MessageType } from '../message-type.ts'

// RETRY proves that its sender saw the HELLO and no more: the tag has no key, so that a listener can answer before it
// looks for the seed. spec: STT-HS-32

/** The answer to a HELLO that asks for the same again with `token`. */
export function writeRetry(provider: CryptoProvider, hello: Uint8Array, token: Uint8Array): Uint8Array {
  const retry = new Uint8Array(RETRY_LENGTH)
  writeHeader(retry, {
    type: MessageType.Retry,
    noiseLength: 0,
    fragment: Fragment.Whole,
    dcid: scidOf(hello),
    scid: new Uint8Array(CID_LENGTH),
  })
  retry.set(token, HEADER_LENGTH)
  retry.set(tagOf(provider, hello, retry), TOKEN_LENGTH + HEADER_LENGTH)
  return retry
}

/** The token of a RETRY that answers this HELLO; undefined when it answers anything else. */
export function readRetry(provider: CryptoProvider, hello: Uint8Array, retry: Uint8Array): Uint8Array | undefined {
  // The tag covers the header too; only a sender that makes the tag for other ids has to be refused by name.
  if (!retry.subarray(16, HEADER_LENGTH).every(byte => byte === 0)) return undefined
  if (!equalBytes(tagOf(provider, hello, retry), retry.subarray(HEADER_LENGTH + TOKEN_LENGTH))) return undefined
  return retry.slice(HEADER_LENGTH, HEADER_LENGTH + TOKEN_LENGTH)
}

function tagOf(provider: CryptoProvider, hello: Uint8Array, retry: Uint8Array): Uint8Array {
  const before = retry.subarray(0, HEADER_LENGTH + TOKEN_LENGTH)
  return createPhe(provider).digest('retry', hello, before).subarray(0, MAC_LENGTH)
}
