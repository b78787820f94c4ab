import type { CryptoProvider, Entropy, Identity } from '@stt/crypto'
import { isPacket } from '@stt/frame'
import { StatelessResets } from '@stt/session/listen'
import { addressPrefix } from '../addresses/address-prefix.ts'

export interface StrayPacketsConfig {
  readonly identity: Identity
  readonly provider: CryptoProvider
  readonly entropy: Entropy
}

/** Counts what comes to a listener and belongs to no session, and answers packets of sessions that it has forgotten. */
export class StrayPackets {
  /** Derived from the identity. */
  #resetKey: Uint8Array<ArrayBuffer> | undefined
  #resets: StatelessResets | undefined
  #seen = 0
  #answered = 0

  constructor({ identity, provider, entropy }: StrayPacketsConfig) {
    if (identity.configured) {
      this.#resetKey = identity.resetKey()
      this.#resets = new StatelessResets({ provider, entropy, resetKey: this.#resetKey })
    }
  }

  get seen(): number {
    return this.#seen
  }

  /** Packets that were answered with a stateless reset. */
  get answered(): number {
    return this.#answered
  }

  /** The answer to send to the packet's source, if any. */
  answer(packet: Uint8Array, now: number, address: string): Uint8Array<ArrayBuffer> | undefined {
    this.#seen++
    if (!isPacket(packet)) return undefined
    const reset = this.#resets?.answer(packet, addressPrefix(address), now)
    if (reset) this.#answered++
    return reset
  }

  /** Wipes the key; nothing is answered any more. */
  dispose(): void {
    this.#resetKey?.fill(0)
    this.#resetKey = undefined
    this.#resets = undefined
  }
}
