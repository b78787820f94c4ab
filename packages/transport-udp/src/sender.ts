import type { UdpRemote } from './udp-address.ts'

/** What sends through a socket, to one address. */
export interface Sender {
  readonly to: UdpRemote
  /** Called when `send` answers true again, where it was asked for. */
  drained(): void
  /** Called, never inside `send`, with what the system said when it had no way for a datagram. */
  unreachable(reason: Error): void
}
