/** Listens at one address of a node: accepts links, runs their handshakes, and hands over sessions. */
export interface Acceptor {
  /** The address to dial, with the port that was taken. */
  readonly address: string
  /** Accepts no further link and releases the address. The sessions are closed before. */
  close(): Promise<void>
}
