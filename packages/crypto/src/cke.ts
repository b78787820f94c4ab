import { bytesOf, checkInteger, checkType, describe, SttError, utf8 } from '@stt/errors'
import { concatBytes, EMPTY } from './bytes.ts'
import { expand, MAX_EXPANDED } from './hkdf.ts'
import { checkProvider } from './providers/checks.ts'
import type { CryptoProvider } from './providers/provider.ts'

/** CKE, key derivation by context: HKDF-Expand (RFC 5869 §2.3) over HMAC-BLAKE2b-512. */
export interface Cke {
  /**
   * Derives `length` bytes from `secret` for one purpose: another label, context or length gives unrelated bytes.
   *
   * @param secret uniform key material of 32 bytes or more
   * @param label ≤ 250 bytes of UTF-8
   * @param context ≤ 255 bytes
   * @param length 1 to 16,320
   * @throws STT_INVALID_ARGUMENT beyond a limit
   */
  derive(secret: Uint8Array, label: string, context: Uint8Array, length: number): Uint8Array<ArrayBuffer>
  /** The 32-byte key of one stream, from the session's exporter and the stream's id (an unsigned integer of 64 bits). */
  streamContext(exporter: Uint8Array, streamId: number | bigint): Uint8Array<ArrayBuffer>
  /** Key material for an application, bound to the session of this exporter. `label` ≤ 246 bytes of UTF-8. */
  exportKey(exporter: Uint8Array, label: string, length: number): Uint8Array<ArrayBuffer>
}

export function createCke(provider: CryptoProvider): Cke {
  checkProvider(provider)
  const derive: Cke['derive'] = (secret, label, context, length) => {
    const key = bytesOf(secret, 'the secret')
    if (key.length < MIN_SECRET) throw invalid(`a secret has at least ${MIN_SECRET} bytes, not ${key.length}`)
    return expand(provider, key, info(label, context, length), length)
  }
  return {
    derive,
    // spec: STT-CRY-10
    streamContext: (exporter, streamId) => derive(exporter, 'stream', u64(streamId), 32),
    // spec: STT-CRY-11
    exportKey(exporter, label, length) {
      checkType(label, 'the label', 'string')
      return derive(exporter, `app ${label}`, EMPTY, length)
    },
  }
}

// spec: STT-CRY-8
function info(label: string, given: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const context = bytesOf(given, 'the context')
  checkType(label, 'the label', 'string')
  const name = utf8(`stt1 ${label}`)
  // spec: STT-CRY-9: a field that does not fit is refused: if it were cut short, two purposes could share a key.
  if (name.length > 255) throw invalid(`label has ${name.length - 5} bytes of UTF-8, more than ${255 - 5}`)
  if (context.length > 255) throw invalid(`context has ${context.length} bytes, more than 255`)
  checkInteger(length, 'length', 1, MAX_EXPANDED)
  return concatBytes([Uint8Array.of(length >>> 8, length, name.length), name, Uint8Array.of(context.length), context])
}

function u64(value: number | bigint): Uint8Array<ArrayBuffer> {
  if (typeof value !== 'bigint' && !Number.isSafeInteger(value)) throw invalid(`${describe(value)} is not a stream id`)
  const wide = BigInt(value)
  if (BigInt.asUintN(64, wide) !== wide) throw invalid(`${value} is not a stream id`)
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, wide)
  return bytes
}

function invalid(message: string): SttError {
  return new SttError('STT_INVALID_ARGUMENT', message)
}

const MIN_SECRET = 32
