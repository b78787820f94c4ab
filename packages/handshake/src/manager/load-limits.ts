import type { RateLimit } from './token-buckets.ts'

/** How much of a listener strangers may use; each number is above 0. */
export interface LoadLimits {
  /** Handshakes under way at once; 4,096 unless given. Above half of that an address has to prove itself. */
  readonly pending: number
  /** HELLOs a second from unproved addresses, above which they have to prove themselves; 200 unless given. */
  readonly hellos: RateLimit
  /** Handshakes a second for each address prefix; 20, and 50 at once, unless given. */
  readonly prefix: RateLimit
  /** HELLOs on message links that may wait for their turn; 256 unless given. */
  readonly waiting: number
}

/** The limit that a HELLO exceeds. */
export type HelloLimit = 'prefix' | 'pending'
