import type { Link, LossRecovery } from '@stt/frame'
import type { LinkKind } from '@stt/testing'
import { Path } from '../src/path/path.ts'

/** A link that goes nowhere: for parts that only look at what a link is. */
export function deadLink(kind: LinkKind, maxPacketSize = 1_200, recovery?: LossRecovery): Link {
  return {
    lossy: kind === 'datagram',
    ordered: kind === 'message',
    maxPacketSize,
    remote: kind === 'datagram' ? 'udp://192.0.2.1:4433' : 'ws://192.0.2.1:80',
    createRecovery: () => recovery,
    send: () => true,
    close: () => {},
    onPacket: () => {},
    onDrain: () => {},
    onClose: () => {},
  }
}

/** The path over a link that a session sends on. */
export function activePath(link: Link): Path {
  const path = new Path(link, false, 0)
  path.start(0)
  return path
}
