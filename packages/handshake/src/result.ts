import type { PathTerms, TransportLimits } from '@stt/frame'
import type { Value } from '@stt/serialize'
import type { SessionSecrets } from './session-secrets.ts'
import type { Suite } from './suite.ts'

/** Who the other side has proved to be, and what it said of itself. */
export interface VerifiedPeer {
  /** Node id, 32 bytes: the digest of the static key whose possession was proved. */
  readonly id: Uint8Array<ArrayBuffer>
  readonly metadata: Value | undefined
  readonly limits: TransportLimits
  readonly suite: Suite
  /** Which of the responder's seeds the peer used: its index in `keys`. Always 0 at the initiator. */
  readonly seedIndex: number
}

/** What a finished handshake hands to the session. */
export interface HandshakeResult {
  readonly role: 'initiator' | 'responder'
  /** 16 bytes, a label and nothing more. */
  readonly sessionId: Uint8Array<ArrayBuffer>
  /** 8 bytes each. */
  readonly localCid: Uint8Array
  readonly remoteCid: Uint8Array
  readonly suite: Suite
  readonly peerId: Uint8Array<ArrayBuffer>
  readonly peerMetadata: Value | undefined
  readonly peerLimits: TransportLimits
  /** What both sides can do with the links of the session. */
  readonly paths: PathTerms
  /** 16 bytes that end this session when a datagram carries them; only from a responder with a configured key. Not enumerable. */
  readonly resetToken?: Uint8Array
  /** `h4`, 64 bytes: equal on both sides of this handshake and nowhere else. */
  readonly binding: Uint8Array
  /** Not enumerable. Ownership passes to the session, which disposes of them. */
  readonly secrets: SessionSecrets
}

/** Puts what must not be logged beside the rest, where neither a spread, JSON nor `inspect` finds it. */
export function handshakeResult(
  facts: Omit<HandshakeResult, 'secrets' | 'resetToken'>,
  secrets: SessionSecrets,
  resetToken: Uint8Array | undefined,
): HandshakeResult {
  Object.defineProperty(facts, 'secrets', { value: secrets })
  if (resetToken) Object.defineProperty(facts, 'resetToken', { value: resetToken })
  return facts as HandshakeResult
}
