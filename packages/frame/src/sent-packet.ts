/** What loss recovery knows of a packet from the moment it was sealed until it was acknowledged or forgotten. */
export interface SentPacket {
  readonly packetNumber: number
  /** Milliseconds of the session's clock. */
  readonly sentAt: number
  /** Bytes on the wire, header and tag included. */
  readonly size: number
  /** Whether the peer acknowledges it without waiting for another. */
  readonly ackEliciting: boolean
  /** Set when it was declared lost. It is kept a while longer, so that a late ACK shows the loss to be spurious. */
  lost: boolean
}
