import { provider } from '@stt/crypto'
import { utf8 } from './support.ts'

/**
 * Noise's symmetric state (revision 34, §5.2) written out a second time, with everything open: what an attacker runs
 * over a recording, and what the known answers are made from. It shares no code with `@stt/crypto`'s handshake.
 */
export class NoiseTrace {
  h: Uint8Array
  ck: Uint8Array
  k: Uint8Array = new Uint8Array(32)
  n = 0

  constructor(prologue: Uint8Array) {
    const name = utf8('Noise_XXpsk0+psk3_25519_ChaChaPoly_BLAKE2b')
    this.h = new Uint8Array(64)
    this.h.set(name)
    this.ck = this.h
    this.mixHash(prologue)
  }

  mixHash(data: Uint8Array): void {
    this.h = provider.hash(this.h, data)
  }

  mixKey(input: Uint8Array): void {
    const [ck, k] = hkdf(this.ck, input)
    this.ck = ck
    this.k = k.slice(0, 32)
    this.n = 0
  }

  mixKeyAndHash(input: Uint8Array): void {
    const [ck, h, k] = hkdf(this.ck, input)
    this.ck = ck
    this.mixHash(h)
    this.k = k.slice(0, 32)
    this.n = 0
  }

  /** With pre-shared keys in the pattern an ephemeral key is hashed and mixed (§9.2). */
  mixEphemeral(publicKey: Uint8Array): void {
    this.mixHash(publicKey)
    this.mixKey(publicKey)
  }

  encrypt(plaintext: Uint8Array): Uint8Array {
    const ciphertext = seal(this.k, this.n++, this.h, plaintext)
    this.mixHash(ciphertext)
    return ciphertext
  }

  /** Undefined when the tag is wrong. */
  decrypt(ciphertext: Uint8Array): Uint8Array | undefined {
    const plaintext = open(this.k, this.n, this.h, ciphertext)
    if (plaintext === undefined) return undefined
    this.n++
    this.mixHash(ciphertext)
    return plaintext
  }

  /** The transport keys, the initiator's sending one first. */
  split(): [Uint8Array, Uint8Array] {
    const [first, second] = hkdf(this.ck, new Uint8Array(0))
    return [first.slice(0, 32), second.slice(0, 32)]
  }
}

export function seal(key: Uint8Array, counter: number, ad: Uint8Array, plaintext: Uint8Array): Uint8Array {
  const out = new Uint8Array(plaintext.length + 16)
  provider.aead(key).seal(nonce(counter), ad, plaintext, out)
  return out
}

export function open(key: Uint8Array, counter: number, ad: Uint8Array, ciphertext: Uint8Array): Uint8Array | undefined {
  const out = new Uint8Array(ciphertext.length - 16)
  return provider.aead(key).open(nonce(counter), ad, ciphertext, out) === -1 ? undefined : out
}

function hkdf(ck: Uint8Array, input: Uint8Array): [Uint8Array, Uint8Array, Uint8Array] {
  const temporary = provider.hmac(ck, input)
  const first = provider.hmac(temporary, Uint8Array.of(1))
  const second = provider.hmac(temporary, first, Uint8Array.of(2))
  return [first, second, provider.hmac(temporary, second, Uint8Array.of(3))]
}

function nonce(counter: number): Uint8Array {
  const bytes = new Uint8Array(12)
  new DataView(bytes.buffer).setUint32(4, counter, true)
  return bytes
}
