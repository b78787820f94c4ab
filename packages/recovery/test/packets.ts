import type { SentPacket } from '@stt/frame'

/** A full-sized packet in flight, for tests that drive a recovery by hand. */
export function sentPacket(packetNumber: number, sentAt: number, size = 1_200): SentPacket {
  return {
    packetNumber,
    sentAt,
    size,
    ackEliciting: true,
    lost: false,
  }
}
