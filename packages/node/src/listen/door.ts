/** One address that a node listens on: takes strangers in, runs their handshakes, and hands over sessions. */
export interface Door {
  /** The address to dial, with the port that was taken. */
  readonly address: string
  /** Takes nobody in any more and lets go of the address. Sessions have been closed before. */
  close(): Promise<void>
}
