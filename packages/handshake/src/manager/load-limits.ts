import type { RateLimit } from './token-buckets.ts'

/** How much of a listener strangers may use. */
export interface LoadLimits {
  /** Handshakes under way at once. Above half of it an address has to prove itself. */
  readonly pending: number
  /** HELLOs a second from addresses that have not proved themselves, before they have to. */
  readonly hellos: RateLimit
  /** Handshakes a second for each address prefix. */
  readonly prefix: RateLimit
  /** HELLOs on message links that may wait for their turn. */
  readonly waiting: number
}

/** A limit that a HELLO is over. */
export type HelloLimit = 'prefix' | 'pending'
