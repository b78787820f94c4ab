/**
 * How a session uses more than one link. Each side states inside the handshake what it can do, and what both can holds for
 * their session.
 */
export interface PathTerms {
  /** The rules by which links are used, 1 to 255: who speaks one of these versions speaks those below it. */
  readonly version: number
  /** Proved links that the session may have at a time, the one that carries it included: 1 to 16. */
  readonly maxPaths: number
  /** Whether this side takes part in hole punching. */
  readonly punch: boolean
  /** Milliseconds for which the session waits for a peer that it has not heard for the idle time. 0: it ends then. */
  readonly detached: number
}
