import { utf8 } from '@stt/errors'
import { concatBytes, EMPTY } from '../bytes.ts'
import { expand } from '../hkdf.ts'
import type { CryptoProvider } from '../providers/provider.ts'
import { NoiseCipherState } from './cipher-state.ts'

/**
 * The running hash and keys of a handshake (Noise §5.2). Values are replaced and never written to, so that a copy is cheap:
 * a message is read on a copy, which replaces the original only when the whole message is right.
 */
export class SymmetricState {
  readonly #provider: CryptoProvider
  #hash: Uint8Array
  #chainingKey: Uint8Array
  #key: Uint8Array<ArrayBuffer> | undefined
  #counter = 0

  private constructor(provider: CryptoProvider, hash: Uint8Array, chainingKey: Uint8Array) {
    this.#provider = provider
    this.#hash = hash
    this.#chainingKey = chainingKey
  }

  static initialize(provider: CryptoProvider, protocolName: string): SymmetricState {
    const name = utf8(protocolName)
    const hash =
      name.length <= HASH_LENGTH ? concatBytes([name, new Uint8Array(HASH_LENGTH - name.length)]) : provider.hash(name)
    return new SymmetricState(provider, hash, hash.slice())
  }

  get handshakeHash(): Uint8Array<ArrayBuffer> {
    return this.#hash.slice()
  }

  get chainingKey(): Uint8Array<ArrayBuffer> {
    return this.#chainingKey.slice()
  }

  get hasKey(): boolean {
    return this.#key !== undefined
  }

  mixHash(data: Uint8Array): void {
    this.#hash = this.#provider.hash(this.#hash, data)
  }

  mixKey(input: Uint8Array): void {
    const [chainingKey, key] = this.#hkdf(input, 2)
    this.#replaceKeys(chainingKey!, key!)
  }

  mixKeyAndHash(input: Uint8Array): void {
    const [chainingKey, hash, key] = this.#hkdf(input, 3)
    this.mixHash(hash!)
    hash!.fill(0)
    this.#replaceKeys(chainingKey!, key!)
  }

  encryptAndHash(plaintext: Uint8Array): Uint8Array<ArrayBuffer> {
    const ciphertext =
      this.#key === undefined ? plaintext.slice() : this.#withCipher(c => c.encryptWithAd(this.#hash, plaintext))
    this.mixHash(ciphertext)
    return ciphertext
  }

  /** Undefined when the tag is wrong. */
  decryptAndHash(ciphertext: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
    const plaintext =
      this.#key === undefined ? ciphertext.slice() : this.#withCipher(c => c.decryptWithAd(this.#hash, ciphertext))
    if (plaintext !== undefined) this.mixHash(ciphertext)
    return plaintext
  }

  /** The transport keys: the initiator's sending one first. */
  split(): [NoiseCipherState, NoiseCipherState] {
    const [first, second] = this.#hkdf(EMPTY, 2)
    const states: [NoiseCipherState, NoiseCipherState] = [
      new NoiseCipherState(this.#provider, first!.subarray(0, 32)),
      new NoiseCipherState(this.#provider, second!.subarray(0, 32)),
    ]
    first!.fill(0)
    second!.fill(0)
    return states
  }

  copy(): SymmetricState {
    const copy = new SymmetricState(this.#provider, this.#hash.slice(), this.#chainingKey.slice())
    copy.#key = this.#key?.slice()
    copy.#counter = this.#counter
    return copy
  }

  /** Wipes the keys. The hash is not secret and may be in use as the handshake's binding. */
  dispose(): void {
    this.#chainingKey.fill(0)
    this.#key?.fill(0)
  }

  /** HKDF with the chaining key as salt (Noise §4.3): `count` outputs of 64 bytes. */
  #hkdf(input: Uint8Array, outputs: number): Uint8Array<ArrayBuffer>[] {
    const temporary = this.#provider.hmac(this.#chainingKey, input)
    const joined = expand(this.#provider, temporary, EMPTY, outputs * HASH_LENGTH)
    temporary.fill(0)
    return Array.from({ length: outputs }, (_, i) => joined.subarray(i * HASH_LENGTH, (i + 1) * HASH_LENGTH))
  }

  #replaceKeys(chainingKey: Uint8Array, key: Uint8Array): void {
    this.dispose()
    this.#chainingKey = chainingKey
    this.#key = key.slice(0, 32)
    key.fill(0)
    this.#counter = 0
  }

  #withCipher<T>(use: (cipher: NoiseCipherState) => T): T {
    const cipher = new NoiseCipherState(this.#provider, this.#key!, this.#counter)
    const result = use(cipher)
    this.#counter = cipher.counter
    cipher.dispose()
    return result
  }
}

const HASH_LENGTH = 64
