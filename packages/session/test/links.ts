import type { Link } from '@stt/frame'

/** A link that goes nowhere: for parts that only look at what a link is. */
export function deadLink(kind: Link['kind'], maxPacketSize = 1_200): Link {
  return {
    kind,
    maxPacketSize,
    remote: kind === 'datagram' ? 'udp://192.0.2.1:4433' : 'ws://192.0.2.1:80',
    send: () => true,
    close: () => {},
    onPacket: () => {},
    onDrain: () => {},
    onClose: () => {},
  }
}
