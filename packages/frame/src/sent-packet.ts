/** A packet as loss recovery knows it, from when it is sealed until it is acknowledged or forgotten. */
export interface SentPacket {
  /** Its number, which no other packet of the session has. */
  readonly packetNumber: number
  /** Milliseconds of the session's clock. */
  readonly sentAt: number
  /** Bytes on the wire, header and tag included. */
  readonly size: number
  /** Whether the peer acknowledges it without waiting for another. */
  readonly ackEliciting: boolean
  /** Set when it is declared lost. It is kept for a while, so that a late ACK shows the loss to be spurious. */
  lost: boolean
}
