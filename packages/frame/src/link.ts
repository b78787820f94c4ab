import type { LossRecovery } from './loss-recovery.ts'

/**
 * A way to the peer that carries whole packets: a UDP path, a WebSocket, a pair of queues in a test.
 * A session knows nothing else of the network.
 */
export interface Link {
  /** Whether packets can get lost, or arrive twice. Where they cannot, nothing is sent again while the link lives. */
  readonly lossy: boolean
  /** Whether packets arrive in the order in which they were sent. */
  readonly ordered: boolean
  /** Largest packet, in bytes, that `send` takes now. It may change during the link's life. */
  readonly maxPacketSize: number
  /** The other end, as an address for people: `udp://10.0.0.7:4433`, `ws://…`. */
  readonly remote: string
  /**
   * Whether packets of `other` go the same way as this link's: a listener may make a link anew for each packet that
   * arrives. Where this is left out, a link is the same as itself alone.
   */
  isSame?(other: Link): boolean
  /** Makes what finds losses and paces on a new path over this link: undefined where nothing is lost. */
  createRecovery(): LossRecovery | undefined
  /**
   * Takes a packet; `false` means taken, but send no more until `onDrain`. The bytes are the caller's again when
   * the call returns. A packet given to a closed link is dropped.
   */
  send(packet: Uint8Array): boolean
  /** Called with each packet that arrives. The bytes are valid only during the call. */
  onPacket: (packet: Uint8Array) => void
  onDrain: () => void
  /**
   * Called when the system has no way for what is sent here: no network, no route, no such address to send from. A hint
   * that the network may have changed, once a second at most, and no end: the link carries again what has a way again.
   * Never called inside `send`. Links that cannot tell never call it.
   */
  onUnreachable?: (reason: Error) => void
  /** Called once, when the link can carry nothing more; `reason` when that was not asked for. */
  onClose: (reason?: Error) => void
  /** Hands what was sent to the network and ends the link. */
  close(): void
}

/** Whether packets of both go the same way. */
export const isSameLink = (a: Link, b: Link): boolean => a === b || (a.isSame?.(b) ?? false)
