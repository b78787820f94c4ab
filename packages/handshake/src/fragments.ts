import { Fragment } from './fragment.ts'
import { bodyLength, type HandshakeHeader } from './header.ts'
import { bodyOf, macOf } from './message.ts'

/** The body of a message that may come in two fragments, put together. */
export interface WholeBody {
  readonly body: Uint8Array
  /** mac1 of the whole message or of fragment 0, by which a repetition is recognized. */
  readonly mac: Uint8Array
}

/** Holds at most the two fragments of one message, an AUTH_PROOF or a FINAL. spec: STT-HS-6 */
export class Fragments {
  #noiseLength = 0
  #first: Uint8Array | undefined
  #firstMac: Uint8Array | undefined
  #second: Uint8Array | undefined

  /** Takes a message whose mac1 is right; gives the body, and keeps nothing, when no part of it is missing. */
  add(message: Uint8Array, header: HandshakeHeader): WholeBody | undefined {
    if (header.fragment === Fragment.Whole) return { body: bodyOf(message), mac: macOf(message) }
    // Fragments of different messages never meet: the newer one stands alone.
    if (header.noiseLength !== this.#noiseLength) this.forget()
    this.#noiseLength = header.noiseLength
    if (header.fragment === Fragment.First) {
      this.#first = bodyOf(message).slice()
      this.#firstMac = macOf(message)
    } else this.#second = bodyOf(message).slice()

    if (this.#first === undefined || this.#second === undefined) return undefined
    const body = new Uint8Array(bodyLength(header))
    body.set(this.#first)
    body.set(this.#second, this.#first.length)
    const mac = this.#firstMac!
    // Also when the whole does not verify, since either fragment may be the wrong one.
    this.forget()
    return { body, mac }
  }

  forget(): void {
    this.#noiseLength = 0
    this.#first = undefined
    this.#firstMac = undefined
    this.#second = undefined
  }
}
