/** How a session uses more than one link. Each side states in the handshake what it can do; the session does what both can. */
export interface PathTerms {
  /** Version of the rules for links, 1 to 255: a side that speaks one version speaks all below it. */
  readonly version: number
  /** Proved links that the session may have at a time, including the one that carries it: 1 to 16. */
  readonly maxPaths: number
  /** Whether this side takes part in hole punching. */
  readonly punch: boolean
  /** Milliseconds that the session waits for its peer after the idle timeout; 0 ends it at the idle timeout. */
  readonly detached: number
}
