import { SttError } from '@stt/errors'
import { provider as defaultProvider, randomBytes } from '#platform'
import { EMPTY, isZero } from './bytes.ts'
import { createCke } from './cke.ts'
import { draw } from './entropy.ts'
import { createPhe } from './phe.ts'
import { checkProvider, disposed, keyOf } from './providers/checks.ts'
import type { CryptoProvider, Entropy, KeyPair } from './providers/provider.ts'
import { Secret } from './secret.ts'

/**
 * A node's static X25519 key pair, and the node id that the handshake proves. It identifies a node, whichever seed the node
 * holds. Keep the private key (`toBytes`) to be the same node after a restart.
 */
export class Identity extends Secret {
  /** The node id, 32 bytes: the digest of the public key. */
  readonly id: Uint8Array<ArrayBuffer>
  /** The key pair as the provider holds it. */
  readonly keyPair: KeyPair
  /** Whether the private key was given, and so outlives the process; false for one that `generate` made. */
  readonly configured: boolean
  readonly #privateKey: Uint8Array
  readonly #provider: CryptoProvider
  #disposed = false

  private constructor(privateKey: Uint8Array, configured: boolean, provider: CryptoProvider) {
    super('Identity')
    this.#privateKey = privateKey
    this.#provider = provider
    this.keyPair = provider.keyPair(privateKey)
    // spec: STT-CRY-12
    this.id = createPhe(provider).digest('node-id', this.keyPair.publicKey)
    this.configured = configured
  }

  /** An identity with a new key: another node at each start. */
  static generate(entropy: Entropy = randomBytes, provider: CryptoProvider = defaultProvider): Identity {
    checkProvider(provider)
    return new Identity(draw(entropy, 32), false, provider)
  }

  /**
   * An identity with a stored private key, of which it takes a copy.
   *
   * @throws STT_INVALID_ARGUMENT for anything but 32 bytes, STT_BAD_KEY when all of them are zero
   */
  static fromPrivateKey(privateKey: Uint8Array, provider: CryptoProvider = defaultProvider): Identity {
    checkProvider(provider)
    const key = keyOf(privateKey, 'an X25519 private key')
    // A cleared or unfilled buffer is all zeros: all nodes with that mistake would have the same identity.
    if (isZero(key)) {
      throw new SttError('STT_BAD_KEY', 'every byte of this private key is zero: make one with Identity.generate()')
    }
    return new Identity(Uint8Array.from(key), true, provider)
  }

  /** The X25519 public key, 32 bytes, of which `id` is the digest. */
  get publicKey(): Uint8Array<ArrayBuffer> {
    return this.keyPair.publicKey
  }

  /** The 32-byte key of stateless reset tokens. @throws STT_DISPOSED */
  // spec: STT-CRY-15
  resetKey(): Uint8Array<ArrayBuffer> {
    return createCke(this.#provider).derive(this.#secret(), 'reset', EMPTY, 32)
  }

  /**
   * The 16 bytes that prove to a relay that this node owns a mailbox. Other holders of the seed know its name, but not these
   * bytes.
   *
   * @param mailbox its name, 32 bytes
   * @throws STT_INVALID_ARGUMENT for a name that is not 32 bytes; STT_DISPOSED
   */
  // spec: STT-RLY-3
  mailboxToken(mailbox: Uint8Array): Uint8Array<ArrayBuffer> {
    return createCke(this.#provider).derive(this.#secret(), 'mailbox', keyOf(mailbox, "a mailbox's name"), 16)
  }

  /**
   * The 16 bytes that give this node its slot of a topic, in which it tells a registry its addresses. Other holders of the seed
   * know the topic, but not these bytes.
   *
   * @param topic its name, 32 bytes
   * @throws STT_INVALID_ARGUMENT for a name that is not 32 bytes; STT_DISPOSED
   */
  // spec: STT-REG-2
  slotToken(topic: Uint8Array): Uint8Array<ArrayBuffer> {
    return createCke(this.#provider).derive(this.#secret(), 'slot', keyOf(topic, "a topic's name"), 16)
  }

  /** A copy of the private key, for keeping it somewhere safe. @throws STT_DISPOSED */
  toBytes(): Uint8Array<ArrayBuffer> {
    return this.#secret().slice()
  }

  /** Wipes the private key and disposes of the key pair. */
  dispose(): void {
    this.#privateKey.fill(0)
    this.keyPair.dispose()
    this.#disposed = true
  }

  #secret(): Uint8Array {
    if (this.#disposed) throw disposed('this identity')
    return this.#privateKey
  }
}
