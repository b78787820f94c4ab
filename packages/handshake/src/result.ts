import type { PathTerms, TransportLimits } from '@stt/frame'
import type { Value } from '@stt/serialize'
import type { SessionSecrets } from './session-secrets.ts'
import type { Suite } from './suite.ts'

/** Who the other side has proved to be, and what it said of itself. */
export interface VerifiedPeer {
  /** Node id, 32 bytes: the digest of the static key whose possession was proved. */
  readonly id: Uint8Array<ArrayBuffer>
  /** The peer's metadata, at most 512 bytes encoded; at the initiator undefined until FINAL. */
  readonly metadata: Value | undefined
  /** The limits of this side: how much it may send, and how many streams it may open. */
  readonly limits: TransportLimits
  /** The suite that both sides run. */
  readonly suite: Suite
  /** Which of the responder's seeds the peer used: its index in `keys`. Always 0 at the initiator. */
  readonly seedIndex: number
}

/** The outcome of a finished handshake, from which a session is made. */
export interface HandshakeResult {
  /** Whether this side dialed. */
  readonly role: 'initiator' | 'responder'
  /** 16 bytes that label the session for people and logs, and nothing more. */
  readonly sessionId: Uint8Array<ArrayBuffer>
  /** This side's connection id, 8 bytes. */
  readonly localCid: Uint8Array
  /** The peer's connection id, 8 bytes. */
  readonly remoteCid: Uint8Array
  /** The suite that both sides ran. */
  readonly suite: Suite
  /** The peer's node id, 32 bytes. */
  readonly peerId: Uint8Array<ArrayBuffer>
  /** The peer's metadata, at most 512 bytes encoded. */
  readonly peerMetadata: Value | undefined
  /** The limits of this side: how much it may send, and how many streams it may open. */
  readonly peerLimits: TransportLimits
  /** The terms on which the session may use links. */
  readonly paths: PathTerms
  /** 16 bytes that end this session when a datagram carries them; only from a responder with a configured key. Not enumerable. */
  readonly resetToken?: Uint8Array
  /** `h4`, 64 bytes: equal on both sides of this handshake and nowhere else. */
  readonly binding: Uint8Array
  /** The keys that the session starts from. Not enumerable. The session owns and disposes of them. */
  readonly secrets: SessionSecrets
}

/** Adds the secrets such that neither a spread, JSON nor `inspect` finds them. */
export function handshakeResult(
  facts: Omit<HandshakeResult, 'secrets' | 'resetToken'>,
  secrets: SessionSecrets,
  resetToken: Uint8Array | undefined,
): HandshakeResult {
  Object.defineProperty(facts, 'secrets', { value: secrets })
  if (resetToken) Object.defineProperty(facts, 'resetToken', { value: resetToken })
  return facts as HandshakeResult
}
