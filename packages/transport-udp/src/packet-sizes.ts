import { isLoopback } from '@stt/frame'
import type { UdpRemote } from './udp-address.ts'

/** Bytes of a packet that every path is expected to carry (RFC 9000 §14). */
export const BASE_PACKET_SIZE = 1_200

/** Bytes that a 1,500-byte Ethernet frame leaves after the headers of IPv6 and UDP. */
export const ETHERNET_PACKET_SIZE = 1_452

/** The largest payload of a UDP datagram over IPv4: 65,535 bytes less both headers. */
export const MAX_UDP_PAYLOAD = 65_507

/** The packet size for an address when the caller sets none: no network limits packets that stay on this machine. */
export const defaultPacketSize = ({ address }: UdpRemote): number =>
  isLoopback(address) ? LOOPBACK_PACKET_SIZE : BASE_PACKET_SIZE

const LOOPBACK_PACKET_SIZE = 61_440
