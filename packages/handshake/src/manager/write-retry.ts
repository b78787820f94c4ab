import type { CryptoProvider } from '@stt/crypto'
import { Fragment } from '../fragment.ts'
import { CID_LENGTH, HEADER_LENGTH, RETRY_LENGTH, TOKEN_LENGTH, writeHeader } from '../header.ts'
import { scidOf } from '../hello.ts'
import { MessageType } from '../message-type.ts'
import { retryTag } from './retry.ts'

/** The answer to a HELLO that asks its sender to come again with `token`. */
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
  retry.set(retryTag(provider, hello, retry), TOKEN_LENGTH + HEADER_LENGTH)
  return retry
}
