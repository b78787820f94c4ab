import { createHash, createPublicKey, diffieHellman, type KeyObject } from 'node:crypto'
import { detach } from '@stt/errors'
import { isZero } from '../bytes.ts'
import { drawKeyPair } from '../entropy.ts'
import {
  badPublicKey,
  checkNonce,
  checkRoom,
  checkSeal,
  disposed,
  hmacKeyOf,
  keyOf,
  partOf,
  publicKeyOf,
} from './checks.ts'
import { plain } from './node-bytes.ts'
import { nodeKem, prepareKem } from './node-kem.ts'
import { newCipher, newDecipher, newHmac, privateKeyOf, publicKeyOfJwk } from './node-objects.ts'
import { type AeadKey, type CryptoProvider, KEY_LENGTH, type KeyPair, TAG_LENGTH } from './provider.ts'

/** `node:crypto`. Results are plain `Uint8Array` views of what Node allocated, never a `Buffer`. */
export const nodeProvider: CryptoProvider = {
  name: 'node',
  // spec: STT-CRY-1
  hash(...parts) {
    const hash = createHash('blake2b512')
    for (const part of parts) hash.update(partOf(part))
    return plain(hash.digest())
  },
  // spec: STT-CRY-1
  hmac(key, ...parts) {
    const hmac = newHmac('blake2b512', hmacKeyOf(key))
    for (const part of parts) hmac.update(partOf(part))
    return plain(hmac.digest())
  },
  aead: key => new NodeAeadKey(key),
  keyPair: privateKey => new NodeKeyPair(importPrivateKey(privateKey)),
  // Not generateKeyPairSync, though importing a key costs five times as much: the collector may destroy its job while a call
  // on that key holds the key's lock, which deadlocks the process (seen on Node 20).
  generateKeyPair: entropy => drawKeyPair(entropy, privateKey => new NodeKeyPair(importPrivateKey(privateKey))),
  kem: nodeKem,
  prepare: prepareKem,
}

class NodeAeadKey implements AeadKey {
  // The bytes and not a KeyObject: as fast (measured at every packet size), and bytes can be wiped.
  readonly #key: Uint8Array<ArrayBuffer>
  #disposed = false

  constructor(key: Uint8Array) {
    this.#key = Uint8Array.from(keyOf(key, 'an AEAD key'))
  }

  seal(nonce: Uint8Array, ad: Uint8Array, plaintext: Uint8Array, out: Uint8Array, offset = 0): number {
    if (this.#disposed) throw disposed('this AEAD key')
    checkSeal(nonce, plaintext, out, offset)
    const cipher = newCipher(this.#key, nonce)
    if (ad.length > 0) cipher.setAAD(ad, { plaintextLength: plaintext.length })
    const ciphertext = cipher.update(plaintext)
    cipher.final()
    const end = offset + ciphertext.length
    out.set(ciphertext, offset)
    out.set(cipher.getAuthTag(), end)
    detach(ciphertext)
    return end + TAG_LENGTH
  }

  open(nonce: Uint8Array, ad: Uint8Array, ciphertext: Uint8Array, out: Uint8Array, offset = 0): number {
    checkRoom(ciphertext.length - TAG_LENGTH, out, offset)
    const plaintext = this.#decrypt(nonce, ad, ciphertext)
    if (plaintext === undefined) return -1
    const { length } = plaintext
    out.set(plaintext, offset)
    detach(plaintext)
    return length
  }

  openToOwnBuffer(nonce: Uint8Array, ad: Uint8Array, ciphertext: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
    const plaintext = this.#decrypt(nonce, ad, ciphertext)
    return plaintext && plain(plaintext)
  }

  #decrypt(nonce: Uint8Array, ad: Uint8Array, ciphertext: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
    if (this.#disposed) throw disposed('this AEAD key')
    checkNonce(nonce)
    const length = ciphertext.length - TAG_LENGTH
    // spec: STT-CRY-2
    if (length < 0) return undefined
    const decipher = newDecipher(this.#key, nonce)
    if (ad.length > 0) decipher.setAAD(ad, { plaintextLength: length })
    decipher.setAuthTag(ciphertext.subarray(length))
    // spec: STT-CRY-3: `update` gives plaintext before `final` has checked the tag; it stays in here until then.
    const plaintext = decipher.update(ciphertext.subarray(0, length))
    try {
      decipher.final()
    } catch {
      // Node reports a wrong tag only by this exception.
      plaintext.fill(0)
      return undefined
    }
    return plaintext
  }

  dispose(): void {
    this.#key.fill(0)
    this.#disposed = true
  }
}

class NodeKeyPair implements KeyPair {
  readonly publicKey: Uint8Array<ArrayBuffer>
  #privateKey: KeyObject | undefined

  constructor(privateKey: KeyObject) {
    this.#privateKey = privateKey
    // A JWK is the form in which Node reads and writes public keys fastest. A private key never becomes one: strings cannot be wiped.
    const { x } = createPublicKey(privateKey).export({ format: 'jwk' })
    this.publicKey = Uint8Array.from(Buffer.from(x!, 'base64url'))
  }

  // spec: STT-CRY-5
  agree(peerPublicKey: Uint8Array): Uint8Array<ArrayBuffer> {
    if (this.#privateKey === undefined) throw disposed('this key pair')
    const publicKey = importPublicKey(publicKeyOf(peerPublicKey))
    let shared: Uint8Array<ArrayBuffer>
    try {
      shared = plain(diffieHellman({ privateKey: this.#privateKey, publicKey }))
    } catch (cause) {
      // OpenSSL refuses an all-zero result itself, by this exception.
      throw badPublicKey(cause)
    }
    if (isZero(shared)) throw badPublicKey()
    return shared
  }

  dispose(): void {
    this.#privateKey = undefined
  }
}

function importPrivateKey(privateKey: Uint8Array): KeyObject {
  const bytes = keyOf(privateKey, 'an X25519 private key')
  const der = new Uint8Array(PKCS8_PREFIX.length + KEY_LENGTH)
  der.set(PKCS8_PREFIX)
  der.set(bytes, PKCS8_PREFIX.length)
  const key = privateKeyOf(der)
  der.fill(0)
  return key
}

/** A handshake agrees twice with one key of its peer, and in Node 24 importing takes nearly as long as agreeing. */
function importPublicKey(bytes: Uint8Array): KeyObject {
  const x = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64url')
  const known = imported.find(each => each.x === x)
  if (known !== undefined) return known.key
  const key = publicKeyOfJwk({ kty: 'OKP', crv: 'X25519', x })
  imported = [{ x, key }, ...imported.slice(0, 1)]
  return key
}

/** The last two keys, the newest first: a handshake has as many. */
let imported: { readonly x: string; readonly key: KeyObject }[] = []

/** RFC 8410 §7: PrivateKeyInfo { version 0, algorithm X25519 (1.3.101.110), OCTET STRING { OCTET STRING (32) … } }. */
const PKCS8_PREFIX = Uint8Array.from([
  0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x6e, 0x04, 0x22, 0x04, 0x20,
])
