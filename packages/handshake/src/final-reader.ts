import { type CipherState, type CryptoProvider, equalBytes, type KemKeyPair, type NoiseHandshake } from '@stt/crypto'
import type { DropReason } from './drop-reason.ts'
import { CONFIRM_LENGTH } from './header.ts'
import { runSchedule, type Schedule } from './key-schedule.ts'
import { type FinalPayload, readFinalPayload } from './payloads.ts'

/** FINAL, opened and confirmed. */
export interface OpenedFinal {
  readonly payload: FinalPayload
  readonly schedule: Schedule
}

/**
 * The initiator's state between AUTH_PROOF and FINAL: the key of one transport message and the inputs of the key schedule.
 */
export class FinalReader {
  readonly #provider: CryptoProvider
  readonly #suite: number
  readonly #kem: KemKeyPair | undefined
  readonly #receive: CipherState
  readonly #chainingKey: Uint8Array
  readonly #handshakeHash: Uint8Array

  /** Takes over the finished Noise handshake, and suite 2's key pair, and disposes of them. */
  constructor(provider: CryptoProvider, noise: NoiseHandshake, suite: number, kem: KemKeyPair | undefined) {
    this.#provider = provider
    this.#suite = suite
    this.#kem = kem
    this.#chainingKey = noise.exportChainingKey()
    this.#handshakeHash = noise.handshakeHash
    const { send, receive } = noise.split()
    // Packets have other keys: this one never sends anything.
    send.dispose()
    this.#receive = receive
    noise.dispose()
  }

  /**
   * Opens FINAL's body: its ciphertext and the confirmation after it. A bad one changes nothing: the nonce counts as used
   * only when everything in the message was right. spec: STT-HS-23
   */
  open(body: Uint8Array): OpenedFinal | DropReason {
    const ciphertext = body.subarray(0, body.length - CONFIRM_LENGTH)
    let opened: OpenedFinal | DropReason = 'badNoise'
    this.#receive.decryptWithAd(NO_BYTES, ciphertext, plaintext => {
      opened = this.#confirm(plaintext, ciphertext, body.subarray(ciphertext.length))
      return typeof opened !== 'string'
    })
    return opened
  }

  dispose(): void {
    this.#receive.dispose()
    this.#chainingKey.fill(0)
    this.#kem?.dispose()
  }

  #confirm(plaintext: Uint8Array, ciphertext: Uint8Array, confirm: Uint8Array): OpenedFinal | DropReason {
    const payload = readFinalPayload(plaintext, this.#suite)
    if (payload === undefined) return 'badPayload'
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
    if (equalBytes(schedule.confirm, confirm)) return { payload, schedule }
    schedule.secrets.dispose()
    return 'badConfirm'
  }

  /** A ciphertext made for another key gives another secret, so the confirmation fails. spec: STT-HS-15 */
  #decapsulate({ kem }: FinalPayload): Uint8Array {
    return this.#kem && kem ? this.#kem.decapsulate(kem) : NO_BYTES
  }
}

const NO_BYTES = new Uint8Array(0)
