import { abortError, bytesOf, checkInteger, checkOptions, checkSignal, loadPart, SttError } from '@stt/errors'

export interface Argon2idOptions {
  /** Passes over the memory. */
  readonly passes: number
  /** KiB of memory, at least 8 for each lane. */
  readonly memory: number
  /** Lanes that the memory is divided into. */
  readonly lanes: number
  /** Bytes of the result. */
  readonly length: number
  /** Stops the work; the call rejects with STT_ABORTED or STT_TIMEOUT. */
  readonly signal?: AbortSignal
}

/**
 * Argon2id, version 0x13 (RFC 9106), for secrets that people remember: deliberately slow and memory-hungry. The code is
 * loaded at the first call, and yields to other work every few milliseconds.
 *
 * @param salt at least 8 bytes
 * @throws STT_INVALID_ARGUMENT that names what is out of range
 */
export async function argon2id(
  password: Uint8Array,
  salt: Uint8Array,
  options: Argon2idOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const secret = bytesOf(password, 'the password')
  const seasoning = bytesOf(salt, 'the salt')
  checkArguments(seasoning, options)
  const { passes, memory, lanes, length, signal } = options
  const stopIfAborted = (): void => {
    if (signal?.aborted) throw abortError(signal, 'deriving a key from the passphrase')
  }
  stopIfAborted()
  const { argon2idAsync } = await loadPart('what stretches a passphrase', () => import('@noble/hashes/argon2.js'))
  return argon2idAsync(secret, seasoning, {
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

// RFC 9106 §3.1.
function checkArguments(salt: Uint8Array, options: Argon2idOptions): void {
  if (salt.length < 8) {
    throw new SttError('STT_INVALID_ARGUMENT', `an Argon2id salt has at least 8 bytes, not ${salt.length}`)
  }
  checkOptions(options ?? null, 'argon2id', ['passes', 'memory', 'lanes', 'length', 'signal'])
  const { passes, memory, lanes, length, signal } = options
  checkInteger(lanes, 'lanes', 1, 2 ** 24 - 1)
  checkInteger(passes, 'passes', 1, 2 ** 32 - 1)
  checkInteger(memory, 'memory', 8 * lanes, 2 ** 32 / 1024 - 1)
  checkInteger(length, 'length', 4, 2 ** 32 - 1)
  checkSignal(signal, 'argon2id')
}

/** Milliseconds of work between two turns of the event loop. */
const SLICE = 10
