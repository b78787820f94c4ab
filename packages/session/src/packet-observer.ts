import type { DropReason } from './statistics.ts'

/**
 * Is told of packets, for logs: numbers and sizes, which whoever sees the wire sees too. Each is called inside the call
 * of the engine that it is about: it must neither throw nor call the engine, but for `getStatistics`. What is left out
 * costs nothing. Times are the engine's, in milliseconds; sizes are bytes on the wire.
 */
export interface PacketObserver {
  onPacketSent?(packetNumber: number, size: number, now: number): void
  /** The packet verified. */
  onPacketReceived?(packetNumber: number, size: number, now: number): void
  onPacketDropped?(reason: DropReason, size: number, now: number): void
  /** The peer acknowledged these for the first time. Valid during the call. */
  onPacketsAcknowledged?(packets: readonly { readonly packetNumber: number }[], now: number): void
  onPacketLost?(packetNumber: number, now: number): void
}
