import { provider } from '@stt/crypto'
import { MAX_PACKET_NUMBER, PACKET_HEADER_SIZE, PACKET_OVERHEAD } from '@stt/frame'
import { PacketOpener } from '../src/keys/packet-opener.ts'
import { PacketSealer } from '../src/keys/packet-sealer.ts'

export const DESTINATION: Uint8Array = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)

/** Both ends of one direction. */
export function direction(limit: number = MAX_PACKET_NUMBER): { sealer: PacketSealer; opener: PacketOpener } {
  const secret = (): Uint8Array => new Uint8Array(32).fill(0x5e)
  return {
    sealer: new PacketSealer(provider, secret(), DESTINATION, limit),
    opener: new PacketOpener(provider, secret()),
  }
}

/** The next packet of `sealer`, with `frames` in it. */
export function seal(sealer: PacketSealer, frames: Uint8Array = Uint8Array.of(1)): Uint8Array {
  const buffer = new Uint8Array(frames.length + PACKET_OVERHEAD)
  buffer.set(frames, PACKET_HEADER_SIZE)
  return buffer.subarray(0, sealer.seal(buffer, PACKET_HEADER_SIZE + frames.length))
}
