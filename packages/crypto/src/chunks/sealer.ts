import { bytesOf, checkOptions, SttError } from '@stt/errors'
import { provider, randomBytes } from '#platform'
import { concatBytes } from '../bytes.ts'
import { draw } from '../entropy.ts'
import type { Entropy } from '../providers/provider.ts'
import { TAG_LENGTH } from '../providers/provider.ts'
import { ChunkKey } from './chunk-key.ts'
import { CHUNK_LENGTH, SEALED_CHUNK_LENGTH, sealedLength } from './layout.ts'
import { type ChunkSuite, createChunkSuite, deriveChunkKeys, SALT_LENGTH } from './suite.ts'

export interface ChunkSealerOptions {
  /** 32 uniform bytes; the message's own keys are derived from it. */
  readonly key: Uint8Array
  /** Bytes that name the message's purpose or place; opening it takes the same. */
  readonly context: Uint8Array
  /** The random source for the 24-byte salt; the platform's unless given. */
  readonly entropy?: Entropy
  /** The primitives; those of the default provider unless given. */
  readonly suite?: ChunkSuite
}

/**
 * Seals one message of any length piece by piece (https://c2sp.org/chunked-encryption). Sans-IO: the sealed message is
 * `header`, then what each `update` gives, then what `finish` gives.
 */
export class ChunkSealer {
  /** Salt and commitment, 56 bytes. */
  readonly header: Uint8Array<ArrayBuffer>
  readonly #key: ChunkKey
  readonly #pending: Uint8Array<ArrayBuffer> = new Uint8Array(CHUNK_LENGTH)
  #pendingLength = 0
  #finished = false

  /** @throws STT_INVALID_ARGUMENT when the key is not 32 bytes */
  constructor(options: ChunkSealerOptions) {
    checkOptions(options ?? null, 'ChunkSealer', ['key', 'context', 'entropy', 'suite'])
    const { key, context, entropy = randomBytes, suite = createChunkSuite(provider) } = options
    const salt = draw(entropy, SALT_LENGTH)
    const keys = deriveChunkKeys(suite, key, salt, context)
    this.header = concatBytes([salt, keys.commitment])
    this.#key = new ChunkKey(suite, keys, 0)
  }

  /** The sealed chunks that `plaintext` completes; often none. @throws STT_INVALID_STATE after `finish` or `dispose` */
  update(given: Uint8Array): Uint8Array<ArrayBuffer> {
    this.#checkOpen()
    const plaintext = bytesOf(given, 'what is sealed')
    const chunks = Math.floor((this.#pendingLength + plaintext.length) / CHUNK_LENGTH)
    const sealed = new Uint8Array(chunks * SEALED_CHUNK_LENGTH)
    let written = 0
    let offset = 0
    if (this.#pendingLength > 0 && chunks > 0) {
      offset = CHUNK_LENGTH - this.#pendingLength
      this.#pending.set(plaintext.subarray(0, offset), this.#pendingLength)
      written = this.#key.seal(this.#pending, sealed, 0)
      this.#pendingLength = 0
    }
    for (; written < sealed.length; offset += CHUNK_LENGTH) {
      written = this.#key.seal(plaintext.subarray(offset, offset + CHUNK_LENGTH), sealed, written)
    }
    this.#pending.set(plaintext.subarray(offset), this.#pendingLength)
    this.#pendingLength += plaintext.length - offset
    return sealed
  }

  /** The last chunk, which is shorter than all others, perhaps empty, and marks the end. */
  // spec: STT-SEG-5
  finish(): Uint8Array<ArrayBuffer> {
    this.#checkOpen()
    const sealed = new Uint8Array(this.#pendingLength + TAG_LENGTH)
    this.#key.seal(this.#pending.subarray(0, this.#pendingLength), sealed, 0)
    this.dispose()
    return sealed
  }

  /** Wipes the key and the plaintext that is not sealed yet. */
  dispose(): void {
    this.#finished = true
    this.#key.dispose()
    this.#pending.fill(0)
  }

  #checkOpen(): void {
    if (this.#finished)
      throw new SttError('STT_INVALID_STATE', 'this message is finished; seal the next with a new ChunkSealer')
  }
}

/** Seals a whole message at once. */
export function sealChunks(given: Uint8Array, options: ChunkSealerOptions): Uint8Array<ArrayBuffer> {
  const plaintext = bytesOf(given, 'what is sealed')
  const sealer = new ChunkSealer(options)
  const sealed = new Uint8Array(sealedLength(plaintext.length))
  sealed.set(sealer.header)
  const chunks = sealer.update(plaintext)
  sealed.set(chunks, sealer.header.length)
  sealed.set(sealer.finish(), sealer.header.length + chunks.length)
  return sealed
}
