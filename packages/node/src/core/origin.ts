import type { Link } from '@stt/frame'
import type { HandshakeOrigin, HandshakeParty } from './handshakes.ts'

export interface OriginFacts {
  /** Maps the address of the link's other end to the key of its budget; without it the link has no budget. */
  readonly prefixOf?: ((address: string) => string) | undefined
  /** Milliseconds that a HELLO from there may wait for its turn. */
  readonly patience?: number | undefined
  /** Called once a session has taken the link over, or it is gone. */
  readonly onSettled?: (() => void) | undefined
}

/** A link as the handshakes see it. */
export class LinkOrigin implements HandshakeOrigin {
  readonly lossy: boolean
  readonly proved: boolean
  readonly label: string
  readonly patience: number | undefined
  party: HandshakeParty | undefined
  readonly #prefixOf: ((address: string) => string) | undefined

  constructor({ lossy, remote }: Link, party: HandshakeParty, { prefixOf, patience }: OriginFacts = {}) {
    this.lossy = lossy
    this.proved = !lossy
    this.label = remote
    this.patience = patience
    this.party = party
    this.#prefixOf = prefixOf
  }

  /** Made when it is asked for: only a HELLO is counted. */
  get prefix(): string {
    return this.#prefixOf?.(this.label) ?? ''
  }
}
