import type { DropReason } from './statistics.ts'

/**
 * Is told of packets, for logs: only numbers and sizes, which are visible on the wire too. Each method runs inside a call of
 * the engine: it must not throw, and call nothing of the engine but `getStatistics`. A method that is left out costs nothing.
 * Times are the engine's, in milliseconds; sizes are bytes on the wire.
 */
export interface PacketObserver {
  /** The packet was handed to the link. */
  onPacketSent?(packetNumber: number, size: number, now: number): void
  /** The packet verified. */
  onPacketReceived?(packetNumber: number, size: number, now: number): void
  /** A packet that arrived was not taken. */
  onPacketDropped?(reason: DropReason, size: number, now: number): void
  /** The peer acknowledged these packets for the first time. The array is valid during the call. */
  onPacketsAcknowledged?(packets: readonly { readonly packetNumber: number }[], now: number): void
  /** The packet was declared lost. */
  onPacketLost?(packetNumber: number, now: number): void
}
