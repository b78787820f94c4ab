import * as nodeCrypto from 'node:crypto'
import { equalBytes, toHex } from '../bytes.ts'
import { draw } from '../entropy.ts'
import { loadNobleKem } from '../noble/node.ts'
import { badKemPublicKey, disposed, kemCiphertextOf, kemPublicKeyOf } from './checks.ts'
import { plain, randomBytes } from './node-bytes.ts'
import { privateKeyOf, publicKeyOfDer } from './node-objects.ts'
import { portableKem } from './portable-kem.ts'
import { KEM_PUBLIC_LENGTH, KEM_SEED_LENGTH, type Kem, type KemKeyPair } from './provider.ts'

/** The functions of Node 24 and later with OpenSSL 3.5, which the types of this package's oldest Node lack. */
interface NativeKem {
  encapsulate(key: nodeCrypto.KeyObject): { ciphertext: Uint8Array<ArrayBuffer>; sharedKey: Uint8Array<ArrayBuffer> }
  decapsulate(key: nodeCrypto.KeyObject, ciphertext: Uint8Array): Uint8Array<ArrayBuffer>
}

/** Loads the portable ML-KEM where Node has none of its own. @throws STT_LOAD_FAILED */
export async function prepareKem(): Promise<void> {
  if (native.encapsulate === undefined) await loadNobleKem()
}

/** Node's ML-KEM where it exists and gives the known answers, else the portable one, twenty times slower. Chosen at first use. */
export const nodeKem: Kem = {
  generate: entropy => chosen().generate(entropy),
  encapsulate: (publicKey, entropy) => chosen().encapsulate(publicKey, entropy),
}

let choice: Kem | undefined

function chosen(): Kem {
  choice ??= isSound(nativeKem) ? nativeKem : portableKem
  return choice
}

const native = nodeCrypto as unknown as NativeKem

/** Exported for its tests; `nodeKem` is the one to use. */
export const nativeKem: Kem = {
  generate(entropy) {
    const seed = draw(entropy, KEM_SEED_LENGTH)
    const der = concatDer(PKCS8_PREFIX, seed)
    seed.fill(0)
    const privateKey = privateKeyOf(der)
    der.fill(0)
    return new NativeKemKeyPair(privateKey)
  },
  encapsulate(peerPublicKey, entropy) {
    const publicKey = kemPublicKeyOf(peerPublicKey)
    // Node draws from OpenSSL only: right for `randomBytes`, wrong for a deterministic source.
    if (entropy !== randomBytes) return portableKem.encapsulate(publicKey, entropy)
    try {
      const key = publicKeyOfDer(concatDer(SPKI_PREFIX, publicKey))
      const { ciphertext, sharedKey } = native.encapsulate(key)
      return { ciphertext: plain(ciphertext), sharedSecret: plain(sharedKey) }
    } catch (cause) {
      // OpenSSL checks the key's coefficients (FIPS 203 §7.2) and refuses by this exception.
      throw badKemPublicKey(cause)
    }
  },
}

class NativeKemKeyPair implements KemKeyPair {
  readonly publicKey: Uint8Array<ArrayBuffer>
  #privateKey: nodeCrypto.KeyObject | undefined

  constructor(privateKey: nodeCrypto.KeyObject) {
    this.#privateKey = privateKey
    this.publicKey = publicBytesOf(nodeCrypto.createPublicKey(privateKey))
  }

  decapsulate(ciphertext: Uint8Array): Uint8Array<ArrayBuffer> {
    if (this.#privateKey === undefined) throw disposed('this ML-KEM key pair')
    return plain(native.decapsulate(this.#privateKey, kemCiphertextOf(ciphertext)))
  }

  dispose(): void {
    this.#privateKey = undefined
  }
}

/** The raw key, which later versions of Node 24 export, or the end of its DER form, which takes six times as long. */
function publicBytesOf(key: nodeCrypto.KeyObject): Uint8Array<ArrayBuffer> {
  try {
    if (givesRaw)
      return Uint8Array.from(key.export({ format: 'raw-public' } as object as { format: 'der'; type: 'spki' }))
  } catch {
    givesRaw = false
  }
  return Uint8Array.from(key.export({ format: 'der', type: 'spki' }).subarray(-KEM_PUBLIC_LENGTH))
}

let givesRaw = true

/**
 * Whether a KEM gives the known answers (the public key of a seed, and the secret of an invalid ciphertext, FIPS 203 §6.3)
 * and both its sides get the same secret. Exported for its tests.
 */
export function isSound(kem: Kem): boolean {
  try {
    const pair = kem.generate(() => Uint8Array.from({ length: KEM_SEED_LENGTH }, (_, i) => i))
    const { ciphertext, sharedSecret } = kem.encapsulate(pair.publicKey, randomBytes)
    const publicKeyHash = nodeCrypto.createHash('blake2b512').update(pair.publicKey).digest('hex')
    return (
      publicKeyHash === KNOWN.publicKeyHash &&
      toHex(pair.decapsulate(new Uint8Array(ciphertext.length))) === KNOWN.rejected &&
      equalBytes(pair.decapsulate(ciphertext), sharedSecret)
    )
  } catch {
    // Node before 24, or built with a library that has no ML-KEM.
    return false
  }
}

/** For the seed 00 01 … 3f and a ciphertext of zeros, by noble's ML-KEM: computing them at every start would take 10 ms. */
const KNOWN = {
  publicKeyHash:
    '620bc65e375dbea35b663d6bba67331861759c902dab5384aeb4ec8b6c345c21c5b1268b5951bb500fb2ba8f9568551f0df80efa5769faf3505ebeb8a03e2f85',
  rejected: 'c8fbeddafdacef2ffeb8b354ea644f11b5c150f3e2c4a74ce38abba8f854ae16',
}

function concatDer(prefix: Uint8Array, key: Uint8Array): Uint8Array<ArrayBuffer> {
  const der = new Uint8Array(prefix.length + key.length)
  der.set(prefix)
  der.set(key, prefix.length)
  return der
}

/** RFC 9935: PrivateKeyInfo { version 0, algorithm ML-KEM-768 (2.16.840.1.101.3.4.4.2), OCTET STRING { [0] seed (64) … } }. */
const PKCS8_PREFIX = Uint8Array.from([
  0x30, 0x54, 0x02, 0x01, 0x00, 0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x04, 0x02, 0x04,
  0x42, 0x80, 0x40,
])

/** SubjectPublicKeyInfo { algorithm ML-KEM-768, BIT STRING (1184) … }. */
const SPKI_PREFIX = Uint8Array.from([
  0x30, 0x82, 0x04, 0xb2, 0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x04, 0x02, 0x03, 0x82,
  0x04, 0xa1, 0x00,
])
