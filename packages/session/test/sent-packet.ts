import { FrameType, type SentFrame } from '@stt/frame'
import type { OutstandingPacket } from '../src/send/outstanding-packet.ts'
import { activePath, deadLink } from './links.ts'

/** A packet that was sent, with whatever a test does not care about filled in. */
export function sentPacket(packetNumber: number, overrides: Partial<OutstandingPacket> = {}): OutstandingPacket {
  return {
    packetNumber,
    sentAt: 0,
    size: 1_200,
    ackEliciting: true,
    epoch: 0,
    path: anyPath,
    frames: [],
    largestAcknowledged: -1,
    lost: false,
    ...overrides,
  }
}

export function sentFrame(type: keyof typeof FrameType, id = 0): SentFrame {
  return { type: FrameType[type], id, offset: 0, length: 0, fin: false }
}

const anyPath = activePath(deadLink('datagram'))
