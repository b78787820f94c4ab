import { abortError, SttError } from '@stt/errors'

export interface Argon2idOptions {
  /** Passes over the memory. */
  readonly passes: number
  /** KiB. */
  readonly memory: number
  readonly lanes: number
  /** Bytes of the result. */
  readonly length: number
  /** Stops the work; the call rejects with STT_ABORTED or STT_TIMEOUT. */
  readonly signal?: AbortSignal
}

/**
 * Argon2id, version 0x13 (RFC 9106), for secrets that people remember: slow and hungry for memory on purpose. The code is
 * loaded at the first call, and gives way to other work every few milliseconds.
 *
 * @param salt at least 8 bytes
 */
export async function argon2id(password: Uint8Array, salt: Uint8Array, options: Argon2idOptions): Promise<Uint8Array> {
  const { passes, memory, lanes, length, signal } = options
  if (salt.length < 8)
    throw new SttError('STT_INVALID_ARGUMENT', `an Argon2id salt has at least 8 bytes, not ${salt.length}`)
  const stopIfAborted = (): void => {
    if (signal?.aborted) throw abortError(signal, 'deriving a key from the passphrase')
  }
  stopIfAborted()
  const { argon2idAsync } = await import('@noble/hashes/argon2.js')
  return argon2idAsync(password, salt, {
    t: passes,
    m: memory,
    p: lanes,
    dkLen: length,
    version: 0x13,
    maxmem: memory * 1024,
    asyncTick: SLICE,
    onProgress: stopIfAborted,
  })
}

/** Milliseconds of work between two turns of the event loop. */
const SLICE = 10
