/**
 * A way to the peer that carries whole packets: a UDP path, a WebSocket, a pair of queues in a test.
 * A session knows nothing else of the network.
 */
export interface Link {
  /** `datagram` may lose, reorder and duplicate; `message` is reliable and ordered. */
  readonly kind: 'datagram' | 'message'
  /** Largest packet, in bytes, that `send` takes now. It may change during the link's life. */
  readonly maxPacketSize: number
  /** The other end, as an address for people: `udp://10.0.0.7:4433`, `ws://…`. */
  readonly remote: string
  /**
   * Takes a packet; `false` means taken, but send no more until `onDrain`. The bytes are the caller's again when
   * the call returns. A packet given to a closed link is dropped.
   */
  send(packet: Uint8Array): boolean
  /** Called with each packet that arrives. The bytes are valid only during the call. */
  onPacket: (packet: Uint8Array) => void
  onDrain: () => void
  /** Called once, when the link can carry nothing more; `reason` when that was not asked for. */
  onClose: (reason?: Error) => void
  /** Hands what was sent to the network and ends the link. */
  close(): void
}
