import type { LossRecovery } from './loss-recovery.ts'

/**
 * A way to the peer that carries whole packets: a UDP path, a WebSocket, a pair of queues in a test. A session knows
 * nothing else of the network.
 *
 * An implementation promises this:
 *
 * - `send` and `close` call none of the callbacks before they return.
 * - `onClose` is called once and last, after `close()` too. From then on packets given to `send` are dropped, and `close`
 *   does nothing.
 * - `maxPacketSize` may change at any time: the session reads it before each packet. `send` takes any packet up to the
 *   value that was read last.
 */
export interface Link {
  /** Whether packets can be lost, or arrive twice. On a link where they cannot, nothing is sent again while it is open. */
  readonly lossy: boolean
  /** Whether packets arrive in the order in which they were sent. */
  readonly ordered: boolean
  /** Bytes of the largest packet that `send` takes now. */
  readonly maxPacketSize: number
  /** The other end, as an address for people: `udp://10.0.0.7:4433`, `ws://…`. */
  readonly remote: string
  /**
   * Whether packets of `other` take the same way as packets of this link: a listener may make a new link for each packet
   * that arrives. Without this method a link is the same as itself alone.
   */
  isSame?(other: Link): boolean
  /** Makes the loss recovery for a new path over this link; undefined on a link that loses nothing. */
  createRecovery(): LossRecovery | undefined
  /**
   * Sends a packet. The bytes are the caller's again when the call returns. A closed link drops the packet, and its answer
   * means nothing: `onClose` tells of the end.
   *
   * @returns `false` when the packet was taken, but the next one has to wait for `onDrain`
   */
  send(packet: Uint8Array): boolean
  /** Called with each packet that arrives. The bytes are valid only during the call. */
  onPacket: (packet: Uint8Array) => void
  /** Called when `send` returned `false` and there is room again. */
  onDrain: () => void
  /**
   * Called when the system cannot send from here: no network, no route, no such source address. This is a hint that the
   * network may have changed, at most once a second. It is not the end: the link works again as soon as there is a way.
   * A link that cannot tell never calls it.
   */
  onUnreachable?: (reason: Error) => void
  /** Called once, when the link carries nothing more; with a `reason` unless this side asked for the end by `close`. */
  onClose: (reason?: Error) => void
  /** Hands over to the network what was sent, then ends the link. */
  close(): void
}

/** Whether packets of both links take the same way. */
export const isSameLink = (a: Link, b: Link): boolean => a === b || (a.isSame?.(b) ?? false)
