import type { Link } from '@stt/frame'
import type { HandshakeOrigin, HandshakeParty } from './handshakes.ts'

export interface OriginFacts {
  /** What the budget of the link's other end is kept by: none unless given. */
  readonly prefix?: string
  /** Milliseconds that a HELLO from there may wait for its turn. */
  readonly patience?: number | undefined
}

/** What a link is to the handshakes. */
export function originOf(
  { lossy, remote: label }: Link,
  party: HandshakeParty,
  { prefix = '', patience }: OriginFacts = {},
): HandshakeOrigin {
  return { lossy, proved: !lossy, label, prefix, patience, party }
}
