import { type CipherState, type CryptoProvider, equalBytes, type KemKeyPair, type NoiseHandshake } from '@stt/crypto'
import type { DropReason } from './drop-reason.ts'
import { CONFIRM_LENGTH } from './header.ts'
import { runSchedule, type Schedule } from './key-schedule.ts'
import { type FinalPayload, type FinalStatus, readFinalPayload } from './payloads.ts'

/** FINAL, opened and confirmed. */
export interface OpenedFinal {
  readonly status: FinalStatus
  readonly schedule: Schedule
}

/**
 * What the initiator keeps between AUTH_PROOF and FINAL, and no more: the key of one transport message and the inputs
 * of the key schedule.
 */
export class FinalReader {
  readonly #provider: CryptoProvider
  readonly #suite: number
  readonly #kem: KemKeyPair | undefined
  readonly #receive: CipherState
  readonly #chainingKey: Uint8Array
  readonly #handshakeHash: Uint8Array
  #opened: { readonly ciphertext: Uint8Array; readonly payload: FinalPayload } | undefined

  /** Takes over the finished Noise handshake, and suite 2's key pair, and disposes of them. */
  constructor(provider: CryptoProvider, noise: NoiseHandshake, suite: number, kem: KemKeyPair | undefined) {
    this.#provider = provider
    this.#suite = suite
    this.#kem = kem
    this.#chainingKey = noise.exportChainingKey()
    this.#handshakeHash = noise.handshakeHash
    const { send, receive } = noise.split()
    // STT's packets have keys of their own: nothing is ever sent under this one.
    send.dispose()
    this.#receive = receive
    noise.dispose()
  }

  /** Opens FINAL's body: its ciphertext and the confirmation after it. A bad one changes nothing. */
  open(body: Uint8Array): OpenedFinal | DropReason {
    const ciphertext = body.subarray(0, body.length - CONFIRM_LENGTH)
    const payload = this.#decrypt(ciphertext)
    if (typeof payload === 'string') return payload
    const kemSecret = this.#decapsulate(payload)
    const schedule = runSchedule(this.#provider, 'initiator', {
      chainingKey: this.#chainingKey,
      handshakeHash: this.#handshakeHash,
      finalCiphertext: ciphertext,
      suite: this.#suite,
      kemSecret,
    })
    kemSecret.fill(0)
    // spec: STT-HS-17
    if (!equalBytes(schedule.confirm, body.subarray(ciphertext.length))) {
      schedule.secrets.dispose()
      return 'badConfirm'
    }
    return { status: payload.status, schedule }
  }

  dispose(): void {
    this.#receive.dispose()
    this.#chainingKey.fill(0)
    this.#kem?.dispose()
  }

  /** A ciphertext that was not made for this key gives another secret, and the confirmation fails. spec: STT-HS-15 */
  #decapsulate({ ciphertext }: FinalPayload): Uint8Array {
    return this.#kem && ciphertext.length > 0 ? this.#kem.decapsulate(ciphertext) : NO_BYTES
  }

  /**
   * The ciphertext's nonce is 0, so the cipher opens one FINAL only. When that one's confirmation was spoilt on the way,
   * the true FINAL comes with the same ciphertext.
   */
  #decrypt(ciphertext: Uint8Array): FinalPayload | DropReason {
    if (this.#opened) return equalBytes(this.#opened.ciphertext, ciphertext) ? this.#opened.payload : 'badNoise'
    const plaintext = this.#receive.decryptWithAd(NO_BYTES, ciphertext)
    if (plaintext === undefined) return 'badNoise'
    const payload = readFinalPayload(plaintext, this.#suite)
    if (payload === undefined) return 'badPayload'
    this.#opened = { ciphertext: ciphertext.slice(), payload }
    return payload
  }
}

const NO_BYTES = new Uint8Array(0)
