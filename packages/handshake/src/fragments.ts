import { Fragment } from './fragment.ts'
import type { HandshakeHeader } from './header.ts'
import { bodyOf, macOf } from './message.ts'

/** AUTH_PROOF's Noise message, put together. */
export interface WholeProof {
  readonly noise: Uint8Array
  /** mac1 of the whole message or of fragment 0: what a repetition is known by. */
  readonly mac: Uint8Array
}

/** Holds at most the two fragments of one AUTH_PROOF. spec: STT-HS-6 */
export class ProofFragments {
  #noiseLength = 0
  #first: Uint8Array | undefined
  #firstMac: Uint8Array | undefined
  #second: Uint8Array | undefined

  /** Takes a message whose mac1 is right; gives the Noise message when no part of it is missing. */
  add(message: Uint8Array, header: HandshakeHeader): WholeProof | undefined {
    if (header.fragment === Fragment.Whole) return { noise: bodyOf(message), mac: macOf(message) }
    // Fragments of different messages never meet: the newer one stands alone.
    if (header.noiseLength !== this.#noiseLength) this.forget()
    this.#noiseLength = header.noiseLength
    if (header.fragment === Fragment.First) {
      this.#first = bodyOf(message).slice()
      this.#firstMac = macOf(message)
    } else this.#second = bodyOf(message).slice()

    if (this.#first === undefined || this.#second === undefined) return undefined
    const noise = new Uint8Array(header.noiseLength)
    noise.set(this.#first)
    noise.set(this.#second, this.#first.length)
    return { noise, mac: this.#firstMac! }
  }

  /** Both are forgotten when the whole does not verify: nobody can say which of them was wrong. */
  forget(): void {
    this.#noiseLength = 0
    this.#first = undefined
    this.#firstMac = undefined
    this.#second = undefined
  }
}
