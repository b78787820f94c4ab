import type { UdpRemote } from './udp-address.ts'

/** An owner of datagrams that a socket sends, all to one address. */
export interface Sender {
  readonly to: UdpRemote
  /** Called after `tellWhenDrained`, when the socket takes datagrams again. */
  drained(): void
  /** Called with the system's error when it had no route for a datagram; never inside `send`. */
  unreachable(reason: Error): void
}
