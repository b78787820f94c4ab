import type { CipherState, CryptoProvider, NoiseHandshake } from '@stt/crypto'
import { runSchedule, type Schedule } from './key-schedule.ts'
import { encodeFinalPayload } from './listener-payloads.ts'
import { type FinalPayload, FinalStatus } from './payloads.ts'

/** FINAL's Noise ciphertext and what follows from it. */
export interface WrittenFinal {
  readonly ciphertext: Uint8Array
  readonly schedule: Schedule
}

/** Suite 2's secret, and the ciphertext that carries it to the initiator. */
export interface Encapsulated {
  readonly ciphertext: Uint8Array
  readonly sharedSecret: Uint8Array
}

/** The responder's part of FINAL that only an accepted peer may learn. */
export type Introduction = Pick<FinalPayload, 'resetToken' | 'metadata'>

/** The responder's state between AUTH_PROOF and FINAL: the key of one transport message and the inputs of the key schedule. */
export class FinalWriter {
  readonly #provider: CryptoProvider
  readonly #suite: number
  readonly #kem: Encapsulated | typeof NOTHING
  readonly #send: CipherState
  readonly #chainingKey: Uint8Array
  readonly #handshakeHash: Uint8Array

  /** Takes over the finished Noise handshake and disposes of it. */
  constructor(provider: CryptoProvider, noise: NoiseHandshake, suite: number, kem: Encapsulated | undefined) {
    this.#provider = provider
    this.#suite = suite
    this.#kem = kem ?? NOTHING
    this.#chainingKey = noise.exportChainingKey()
    this.#handshakeHash = noise.handshakeHash
    const { send, receive } = noise.split()
    // Packets have other keys: this one never receives anything.
    receive.dispose()
    this.#send = send
    noise.dispose()
  }

  /**
   * Once: the transport message with nonce 0.
   *
   * @param introduction sent only to an accepted peer
   */
  write(status: FinalStatus, introduction: Introduction): WrittenFinal {
    const isAccepted = status === FinalStatus.Accepted
    // spec: STT-HS-16 (a refusal carries no key material and tells nothing about this side)
    const kem = isAccepted ? this.#kem : NOTHING
    const { resetToken, metadata } = isAccepted ? introduction : NO_INTRODUCTION
    const ciphertext = this.#send.encryptWithAd(
      NO_BYTES,
      encodeFinalPayload({ status, kem: kem.ciphertext, resetToken, metadata }),
    )
    const schedule = runSchedule(this.#provider, 'responder', {
      chainingKey: this.#chainingKey,
      handshakeHash: this.#handshakeHash,
      finalCiphertext: ciphertext,
      suite: this.#suite,
      kemSecret: kem.sharedSecret,
    })
    return { ciphertext, schedule }
  }

  dispose(): void {
    this.#send.dispose()
    this.#chainingKey.fill(0)
    this.#kem.sharedSecret.fill(0)
  }
}

const NO_BYTES = new Uint8Array(0)
const NOTHING = { ciphertext: undefined, sharedSecret: NO_BYTES }
const NO_INTRODUCTION: Introduction = { resetToken: undefined, metadata: undefined }
