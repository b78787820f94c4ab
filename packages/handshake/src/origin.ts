/**
 * Where handshake messages come from and go to: a link, or the source of a datagram. Whoever has the socket makes it, once
 * for each link, or for each datagram where no link is kept, and gets the same object back with every answer.
 */
export interface Origin {
  /** Whether messages may be lost, doubled and reordered on the way: then HELLO is padded, what is long split, what is not answered repeated. */
  readonly lossy: boolean
  /** Whether nothing from there can bear a forged source address, as on a link with a connection. Elsewhere a token proves it. */
  readonly proved: boolean
  /** The address, for people: `udp://10.0.0.7:4433`. Where it is not proved, also what tokens are made for and answers are bound to. */
  readonly label: string
  /**
   * What a listener's limits count by: the same for all addresses that one person may hold at once. Empty where many share
   * the address, as on this machine or behind a proxy: there is no budget for them once they are proved.
   */
  readonly prefix: string
  /** Milliseconds that a HELLO from there may wait for its turn: 5,000 unless given. */
  readonly patience?: number | undefined
}

/** Whether both lead to the same place. A listener for datagrams makes a new origin for each, so there the address counts. */
export function sameOrigin(a: Origin, b: Origin): boolean {
  return a === b || (a.lossy && b.lossy && a.label === b.label)
}
