/**
 * Where handshake messages come from and go to: a link, or the source of a datagram. The owner of the socket makes one for
 * each link, or for each datagram where it keeps no link, and gets the same object back with every answer.
 */
export interface Origin {
  /** Whether messages may be lost, doubled and reordered: then HELLO is padded, a long message split, an unanswered one repeated. */
  readonly lossy: boolean
  /** Whether the source address cannot be forged, as on a link with a connection. Elsewhere a token proves it. */
  readonly proved: boolean
  /** The address, for people: `udp://10.0.0.7:4433`. Where it is not proved, tokens and answers are bound to this text. */
  readonly label: string
  /**
   * The key by which a listener's limits count: the same for all addresses that one person may hold at once. Empty for an
   * address that many share, as on this machine or behind a proxy: once proved, those have no limit.
   */
  readonly prefix: string
  /** Milliseconds that a HELLO may wait for its turn; 5,000 unless given. */
  readonly patience?: number | undefined
}

/** Whether both lead to the same place. A UDP listener makes a new origin for each datagram, so those compare by address. */
export function sameOrigin(a: Origin, b: Origin): boolean {
  return a === b || (a.lossy && b.lossy && a.label === b.label)
}
