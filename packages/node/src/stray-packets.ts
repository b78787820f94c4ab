import type { CryptoProvider, Entropy, Identity } from '@stt/crypto'
import { isPacket, packetDestination } from '@stt/frame'
import { StatelessResets } from '@stt/session'
import { addressPrefix } from './address-prefix.ts'

export interface StrayPacketsConfig {
  readonly identity: Identity
  readonly provider: CryptoProvider
  readonly entropy: Entropy
  /** Whether a session or a handshake of this node has this connection id. */
  readonly hasConnectionId: (id: Uint8Array) => boolean
}

/** Counts what comes to a listener and belongs to no session, and answers packets of sessions that it has forgotten. */
export class StrayPackets {
  readonly #hasConnectionId: (id: Uint8Array) => boolean
  /** Derived from the identity. */
  #resetKey: Uint8Array<ArrayBuffer> | undefined
  #resets: StatelessResets | undefined
  #seen = 0
  #answered = 0

  constructor({ identity, provider, entropy, hasConnectionId }: StrayPacketsConfig) {
    this.#hasConnectionId = hasConnectionId
    if (identity.configured) {
      this.#resetKey = identity.resetKey()
      this.#resets = new StatelessResets({ provider, entropy, resetKey: this.#resetKey })
    }
  }

  get seen(): number {
    return this.#seen
  }

  /** Those that were answered with a stateless reset. */
  get answered(): number {
    return this.#answered
  }

  /** What to send back to where the packet came from, if anything. */
  answer(packet: Uint8Array, now: number, address: string): Uint8Array<ArrayBuffer> | undefined {
    this.#seen++
    // spec: STT-PKT-39 (an id that is in use: whoever saw it and sends it to another listener would learn its token)
    if (!isPacket(packet) || this.#hasConnectionId(packetDestination(packet))) return undefined
    const reset = this.#resets?.answer(packet, now, addressPrefix(address))
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
