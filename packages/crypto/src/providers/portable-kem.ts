import { nobleKem } from '#noble'
import { draw } from '../entropy.ts'
import { badKemPublicKey, disposed, kemCiphertextOf, kemPublicKeyOf } from './checks.ts'
import { KEM_SEED_LENGTH, type Kem, type KemKeyPair } from './provider.ts'

export const portableKem: Kem = {
  generate(entropy) {
    const seed = draw(entropy, KEM_SEED_LENGTH)
    const { publicKey, secretKey } = nobleKem().keygen(seed)
    seed.fill(0)
    return new PortableKemKeyPair(publicKey, secretKey)
  },
  encapsulate(peerPublicKey, entropy) {
    const publicKey = kemPublicKeyOf(peerPublicKey)
    const message = draw(entropy, 32)
    try {
      const { cipherText, sharedSecret } = nobleKem().encapsulate(publicKey, message)
      return { ciphertext: cipherText, sharedSecret }
    } catch (cause) {
      // noble checks the key's coefficients (FIPS 203 §7.2) and refuses by this exception.
      throw badKemPublicKey(cause)
    } finally {
      message.fill(0)
    }
  },
}

class PortableKemKeyPair implements KemKeyPair {
  readonly publicKey: Uint8Array<ArrayBuffer>
  readonly #secretKey: Uint8Array
  #disposed = false

  constructor(publicKey: Uint8Array<ArrayBuffer>, secretKey: Uint8Array) {
    this.publicKey = publicKey
    this.#secretKey = secretKey
  }

  decapsulate(ciphertext: Uint8Array): Uint8Array<ArrayBuffer> {
    if (this.#disposed) throw disposed('this ML-KEM key pair')
    return nobleKem().decapsulate(kemCiphertextOf(ciphertext), this.#secretKey)
  }

  dispose(): void {
    this.#secretKey.fill(0)
    this.#disposed = true
  }
}
