import { bytesOf, checkOptions, SttError } from '@stt/errors'
import { provider } from '#platform'
import { concatBytes, equalBytes } from '../bytes.ts'
import { TAG_LENGTH } from '../providers/provider.ts'
import { ChunkKey } from './chunk-key.ts'
import { CHUNK_HEADER_LENGTH, CHUNK_LENGTH, SEALED_CHUNK_LENGTH } from './layout.ts'
import { type ChunkSuite, createChunkSuite, deriveChunkKeys, SALT_LENGTH } from './suite.ts'

export interface ChunkOpenerOptions {
  /** The 32 bytes that the message was sealed with. */
  readonly key: Uint8Array
  /** The context that the message was sealed with. */
  readonly context: Uint8Array
  /** The first 56 bytes of the sealed message. */
  readonly header: Uint8Array
  /** The chunk to begin with, as `sealedRange` gives it; 0 unless given. */
  readonly firstChunk?: number
  /** The cryptography; the platform's unless given. */
  readonly suite?: ChunkSuite
}

/**
 * Opens one sealed message piece by piece, from any chunk on. Sans-IO. Every byte that it gives is authenticated, but only
 * `finish` proves that the message is complete.
 */
export class ChunkOpener {
  readonly #key: ChunkKey
  readonly #pending: Uint8Array<ArrayBuffer> = new Uint8Array(SEALED_CHUNK_LENGTH)
  #pendingLength = 0
  #state: 'open' | 'finished' | 'failed' = 'open'

  /**
   * @throws STT_AUTHENTICATION when the key or the context is wrong, or the header was changed;
   * STT_TRUNCATED for a header that is not 56 bytes; STT_INVALID_ARGUMENT when the key is not 32 bytes
   */
  constructor(options: ChunkOpenerOptions) {
    checkOptions(options ?? null, 'ChunkOpener', ['key', 'context', 'header', 'firstChunk', 'suite'])
    const { key, context, firstChunk = 0, suite = createChunkSuite(provider) } = options
    const header = bytesOf(options.header, 'the header')
    if (header.length !== CHUNK_HEADER_LENGTH) {
      throw new SttError(
        'STT_TRUNCATED',
        `a sealed message begins with ${CHUNK_HEADER_LENGTH} bytes of header, not ${header.length}`,
      )
    }
    const keys = deriveChunkKeys(suite, key, header.subarray(0, SALT_LENGTH), context)
    // spec: STT-SEG-6
    if (!equalBytes(keys.commitment, header.subarray(SALT_LENGTH))) {
      throw new SttError(
        'STT_AUTHENTICATION',
        'the message was sealed with another key or context, or its header was changed',
      )
    }
    this.#key = new ChunkKey(suite, keys, firstChunk)
  }

  /** The plaintext of the chunks that `sealed` completes; often none. @throws STT_AUTHENTICATION, also at every later call */
  update(given: Uint8Array): Uint8Array<ArrayBuffer> {
    this.#checkOpen()
    const sealed = bytesOf(given, 'what is opened')
    const chunks = Math.floor((this.#pendingLength + sealed.length) / SEALED_CHUNK_LENGTH)
    const plaintext = new Uint8Array(chunks * CHUNK_LENGTH)
    let written = 0
    let offset = 0
    if (this.#pendingLength > 0 && chunks > 0) {
      offset = SEALED_CHUNK_LENGTH - this.#pendingLength
      this.#pending.set(sealed.subarray(0, offset), this.#pendingLength)
      this.#open(this.#pending, plaintext, 0)
      written = CHUNK_LENGTH
      this.#pendingLength = 0
    }
    for (; written < plaintext.length; written += CHUNK_LENGTH, offset += SEALED_CHUNK_LENGTH) {
      this.#open(sealed.subarray(offset, offset + SEALED_CHUNK_LENGTH), plaintext, written)
    }
    this.#pending.set(sealed.subarray(offset), this.#pendingLength)
    this.#pendingLength += sealed.length - offset
    return plaintext
  }

  /**
   * The plaintext of the last chunk, which proves that the message is complete.
   *
   * @throws STT_TRUNCATED when the message ends without its last chunk, STT_AUTHENTICATION when that is not genuine
   */
  // spec: STT-SEG-7
  finish(): Uint8Array<ArrayBuffer> {
    this.#checkOpen()
    if (this.#pendingLength < TAG_LENGTH) {
      this.#fail()
      throw new SttError('STT_TRUNCATED', 'the sealed message ends before its last chunk')
    }
    const plaintext = new Uint8Array(this.#pendingLength - TAG_LENGTH)
    this.#open(this.#pending.subarray(0, this.#pendingLength), plaintext, 0)
    this.dispose()
    return plaintext
  }

  /** Wipes the key. */
  dispose(): void {
    this.#state = 'finished'
    this.#key.dispose()
  }

  #open(sealed: Uint8Array, plaintext: Uint8Array, offset: number): void {
    if (this.#key.open(sealed, plaintext, offset) >= 0) return
    this.#fail()
    throw notGenuine()
  }

  #fail(): void {
    this.dispose()
    this.#state = 'failed'
  }

  #checkOpen(): void {
    if (this.#state === 'failed') throw notGenuine()
    if (this.#state === 'finished')
      throw new SttError('STT_INVALID_STATE', 'this message is finished; open the next with a new ChunkOpener')
  }
}

/** Opens a whole message at once. @throws STT_AUTHENTICATION, STT_TRUNCATED */
export function openChunks(
  given: Uint8Array,
  options: Omit<ChunkOpenerOptions, 'header' | 'firstChunk'>,
): Uint8Array<ArrayBuffer> {
  const sealed = bytesOf(given, 'what is opened')
  const opener = new ChunkOpener({ ...options, header: sealed.subarray(0, CHUNK_HEADER_LENGTH) })
  return concatBytes([opener.update(sealed.subarray(CHUNK_HEADER_LENGTH)), opener.finish()])
}

function notGenuine(): SttError {
  return new SttError('STT_AUTHENTICATION', 'a chunk of the sealed message was changed, moved or cut')
}
