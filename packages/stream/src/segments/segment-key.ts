import {
  type AeadKey,
  type ChunkKeys,
  type CryptoProvider,
  createChunkSuite,
  createCke,
  deriveChunkKeys,
} from '@stt/crypto'
import { bytesOf, checkOptions, SttError } from '@stt/errors'

/** Both ends of a sealed stream must agree on these. */
export interface SegmentOptions {
  /** 32 uniform bytes: a session's `cke.streamContext`, or any key that both ends hold. */
  readonly key: Uint8Array
  /** Names the stream and its direction: bytes that were sealed under another context do not open. */
  readonly context: Uint8Array
  /** Implementation of the primitives; the platform's by default. */
  readonly provider?: CryptoProvider
}

/** Key and context as bytes. @throws SttError `STT_INVALID_ARGUMENT` unless the key is 32 bytes and the context bytes */
export function checkedOptions(options: SegmentOptions): { key: Uint8Array; context: Uint8Array } {
  // The caller knows which names there are, and has checked them.
  checkOptions(options ?? null, 'a sealed stream', Object.keys(options ?? {}))
  const { key, context } = options
  const bytes = bytesOf(key, 'the key of a sealed stream')
  if (bytes.length !== 32)
    throw new SttError('STT_INVALID_ARGUMENT', `the key of a sealed stream is 32 bytes, not ${bytes.length}`)
  return { key: bytes, context: bytesOf(context, 'the context of a sealed stream') }
}

/** The first keys of a sealed stream. @throws SttError `STT_INVALID_ARGUMENT` unless the key is 32 bytes */
// spec: STT-SEG-20 STT-SEG-21
export function deriveSegmentKeys(
  provider: CryptoProvider,
  { key, context }: SegmentOptions,
  salt: Uint8Array,
): ChunkKeys {
  const label = new TextEncoder().encode('segments')
  const info = new Uint8Array(label.length + 4 + context.length)
  info.set(label)
  new DataView(info.buffer).setUint32(label.length, context.length)
  info.set(context, label.length + 4)
  return deriveChunkKeys(createChunkSuite(provider), key, salt, info)
}

/** The key of one epoch of a sealed stream. */
export class SegmentKey {
  /** How many keys came before it. */
  readonly epoch: number
  readonly #provider: CryptoProvider
  readonly #secret: Uint8Array
  readonly #aead: AeadKey

  /** @param secret 32 bytes, which are wiped when the key is disposed of */
  constructor(provider: CryptoProvider, secret: Uint8Array, epoch: number) {
    this.#provider = provider
    this.#secret = secret
    this.#aead = provider.aead(secret)
    this.epoch = epoch
  }

  /** The key of the next epoch. */
  // spec: STT-SEG-24
  next(): SegmentKey {
    const secret = createCke(this.#provider).derive(this.#secret, 'ku', new Uint8Array(0), 32)
    return new SegmentKey(this.#provider, secret, this.epoch + 1)
  }

  /** Writes the sealed plaintext and its tag to `out` at `offset`. */
  seal(nonce: Uint8Array, header: Uint8Array, plaintext: Uint8Array, out: Uint8Array, offset: number): void {
    this.#aead.seal(nonce, header, plaintext, out, offset)
  }

  /** @returns the plaintext in new memory; `undefined` when the segment is not genuine */
  open(nonce: Uint8Array, header: Uint8Array, sealed: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
    return this.#aead.openToOwnBuffer(nonce, header, sealed)
  }

  /** Wipes the key. */
  dispose(): void {
    this.#secret.fill(0)
    this.#aead.dispose()
  }
}

/** Nonces of a sealed stream: its base with the sequence number XORed into the last eight bytes. */
// spec: STT-SEG-23
export class SegmentNonces {
  readonly #base: DataView
  readonly #nonce: Uint8Array<ArrayBuffer>
  readonly #view: DataView

  constructor(base: Uint8Array) {
    this.#nonce = base.slice()
    this.#base = new DataView(base.slice().buffer)
    this.#view = new DataView(this.#nonce.buffer)
  }

  /** The nonce of a segment, in a buffer that the next call uses again. */
  of(sequence: number): Uint8Array<ArrayBuffer> {
    this.#view.setUint32(4, this.#base.getUint32(4) ^ Math.floor(sequence / 2 ** 32))
    this.#view.setUint32(8, this.#base.getUint32(8) ^ (sequence % 2 ** 32))
    return this.#nonce
  }
}
