import type { Link } from '@stt/frame'
import type { SentPacket } from '@stt/session'

const link = { kind: 'datagram', maxPacketSize: 1_200, remote: 'udp://192.0.2.1:1' } as Link

/** A full-sized packet in flight, for tests that drive a controller by hand. */
export function sentPacket(packetNumber: number, sentAt: number, size = 1_200): SentPacket {
  return {
    packetNumber,
    sentAt,
    size,
    ackEliciting: true,
    epoch: 0,
    link,
    frames: [],
    largestAcknowledged: -1,
    lost: false,
  }
}
