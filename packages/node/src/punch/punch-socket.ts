import type { Link } from '@stt/frame'

/** A UDP socket for punching holes; it takes no new sessions. */
export interface PunchSocket {
  readonly port: number
  /** Called with each datagram, and a link to where it came from. The bytes are valid only during the call. */
  onPacket: (packet: Uint8Array, link: Link) => void
  /** A link to an IP address. */
  link(to: { readonly address: string; readonly port: number }): Link
  /** The same for packets that go a few hops and no further. */
  opener(to: { readonly address: string; readonly port: number }): Link
  close(): Promise<void>
}
