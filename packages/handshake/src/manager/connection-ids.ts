import type { Entropy } from '@stt/crypto'
import { connectionIdKey } from '@stt/frame'
import { CID_LENGTH } from '../header.ts'

/** Makes connection ids that are new in the node. spec: STT-HS-7 */
export class ConnectionIds {
  readonly #entropy: Entropy
  readonly #isRouted: (key: string) => boolean
  readonly #isTaken: (id: Uint8Array) => boolean

  constructor(
    entropy: Entropy,
    isRouted: (key: string) => boolean,
    isTaken: (id: Uint8Array) => boolean = () => false,
  ) {
    this.#entropy = entropy
    this.#isRouted = isRouted
    this.#isTaken = isTaken
  }

  next(): Uint8Array {
    for (;;) {
      const id = this.#entropy(CID_LENGTH)
      // Zero stands for an unknown id.
      const isZero = id.every(byte => byte === 0)
      if (!isZero && !this.#isRouted(connectionIdKey(id)) && !this.#isTaken(id)) return id
    }
  }
}
