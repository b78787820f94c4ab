import type { Link } from '@stt/frame'
import type { Origin } from '@stt/handshake'

/** What a link is to the handshakes. @param prefix what the budget of its other end is kept by: none unless given */
export function originOf({ lossy, remote: label }: Link, prefix = ''): Origin {
  return { lossy, proved: !lossy, label, prefix }
}
