import { type Entropy, equalBytes } from '@stt/crypto'

/**
 * Which RETRYs a dial follows. An attacker on the path can forge any number of RETRYs, and a dialer cannot tell them from
 * the listener's, so no RETRY may use up the chance of another: between two repetitions of HELLO the first is followed at
 * once, and a few of the others, chosen at random, with the next repetition. spec: STT-HS-33
 */
export class RetryChoice {
  readonly #entropy: Entropy
  #waiting: Uint8Array[] = []
  #first: Uint8Array | undefined
  /** Tokens that came after the first one. */
  #others = 0

  constructor(entropy: Entropy) {
    this.#entropy = entropy
  }

  /** Takes the token of a RETRY; whether to follow it now. A token that already came since the last repetition is ignored. */
  offer(token: Uint8Array): boolean {
    if (this.#first === undefined) {
      this.#first = token
      return true
    }
    if ([this.#first, ...this.#waiting].some(taken => equalBytes(taken, token))) return false
    // Algorithm R: each of the tokens is among the ones that wait with the same probability.
    const place = this.#others < MAX_WAITING ? this.#others : this.#below(this.#others + 1)
    if (place < MAX_WAITING) this.#waiting[place] = token
    this.#others++
    return false
  }

  /** HELLO is repeated: the tokens to follow with it. */
  drain(): readonly Uint8Array[] {
    const waiting = this.#waiting
    this.#waiting = []
    this.#first = undefined
    this.#others = 0
    return waiting
  }

  /** A random integer from 0 up to `end`. Its small bias does no harm here. */
  #below(end: number): number {
    const bytes = this.#entropy(4)
    return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0) % end
  }
}

const MAX_WAITING = 3
