import { describe } from '@stt/errors'
import { invalidArgument } from './refusal.ts'
import { readUint32, writeUint32 } from './uint32.ts'

/** Bytes before the sealed part of a packet: flags 1, destination connection id 8, packet number 8. All are associated data. */
export const PACKET_HEADER_SIZE: number = 17
/** Bytes that the AEAD tag adds behind the frames. */
export const TAG_SIZE: number = 16
/** Bytes that a packet adds to its frames. */
export const PACKET_OVERHEAD: number = PACKET_HEADER_SIZE + TAG_SIZE
/** Bytes of a connection id. */
export const CONNECTION_ID_SIZE: number = 8
/** A session closes before it seals this packet number. */
export const MAX_PACKET_NUMBER: number = 2 ** 48

/**
 * Whether `bytes` can be a packet: a whole header and tag, bit 7 clear (set: a handshake message), bit 6 set, and
 * bits 0 to 3 clear. Anything else is dropped without an answer.
 */
// spec: STT-FRM-3
export function isPacket(bytes: Uint8Array): boolean {
  return bytes.length >= PACKET_OVERHEAD && (bytes[0]! & 0b1100_1111) === 0b0100_0000
}

/**
 * Writes the 17 bytes of a packet's header at the start of `buffer`. The caller has made sure of the space.
 *
 * @param destination connection id, 8 bytes
 * @param packetNumber a whole number; receivers drop packets with 2^48 or more
 * @param epoch any key generation; two bits of it go on the wire
 * @throws SttError `STT_INVALID_ARGUMENT` for another connection id, number or epoch
 */
// spec: STT-FRM-3
export function writePacketHeader(
  buffer: Uint8Array,
  destination: Uint8Array,
  packetNumber: number,
  epoch: number,
): void {
  if (destination.length !== CONNECTION_ID_SIZE) {
    throw invalidArgument(`a connection id has ${CONNECTION_ID_SIZE} bytes, not ${describe(destination.length)}`)
  }
  if (!(Number.isSafeInteger(packetNumber) && packetNumber >= 0)) {
    throw invalidArgument(`a packet number is a whole number, not ${describe(packetNumber)}`)
  }
  if (!(Number.isSafeInteger(epoch) && epoch >= 0)) {
    throw invalidArgument(`an epoch is a whole number, not ${describe(epoch)}`)
  }
  buffer[0] = 0x40 | ((epoch % 4) << 4)
  buffer.set(destination, 1)
  writeUint32(buffer, 9, Math.floor(packetNumber / TWO_32))
  writeUint32(buffer, 13, packetNumber % TWO_32)
}

/** The key generation modulo 4 of a packet for which `isPacket` holds. */
export function packetEpochBits(packet: Uint8Array): number {
  return (packet[0]! >>> 4) & 3
}

/** The number of a packet for which `isPacket` holds; `undefined` for 2^48 or more, which no session sends. */
// spec: STT-FRM-4
export function packetNumberOf(packet: Uint8Array): number | undefined {
  const packetNumber = readUint32(packet, 9) * TWO_32 + readUint32(packet, 13)
  return packetNumber < MAX_PACKET_NUMBER ? packetNumber : undefined
}

/** A view of the destination connection id of a packet for which `isPacket` holds. */
export function packetDestination(packet: Uint8Array): Uint8Array {
  return packet.subarray(1, 1 + CONNECTION_ID_SIZE)
}

/**
 * The connection id in the 8 bytes at `offset`, as a map key.
 *
 * @throws SttError `STT_INVALID_ARGUMENT` when there are fewer bytes
 */
export function connectionIdKey(bytes: Uint8Array, offset = 0): string {
  if (!(bytes.length >= offset + CONNECTION_ID_SIZE)) {
    throw invalidArgument(`a connection id has ${CONNECTION_ID_SIZE} bytes, and ${bytes.length - offset} are there`)
  }
  return String.fromCharCode(
    bytes[offset]!,
    bytes[offset + 1]!,
    bytes[offset + 2]!,
    bytes[offset + 3]!,
    bytes[offset + 4]!,
    bytes[offset + 5]!,
    bytes[offset + 6]!,
    bytes[offset + 7]!,
  )
}

const TWO_32 = 2 ** 32
