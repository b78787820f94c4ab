import type { SttError } from '@stt/errors'
import type { Link } from '@stt/frame'

/** Why a session ended. */
export interface CloseReason {
  /** What ended it: this side, the peer's CLOSE, silence, a broken rule, the peer's stateless reset, or the end of its only link. */
  readonly by: 'local' | 'peer' | 'silence' | 'violation' | 'reset' | 'link'
  /** The application's own code where `app` is set, else one of `CloseCode`. */
  readonly code: number
  readonly app: boolean
  readonly reason: string
  /** What pending calls fail with. */
  readonly error: SttError
}

export type DatagramOutcome = 'acknowledged' | 'lost' | 'expired'

export type SessionEvent =
  /** The peer has proved that it holds the session's keys. */
  | { readonly type: 'confirmed' }
  /** Both directions have moved to the keys of `epoch`. */
  | { readonly type: 'epoch'; readonly epoch: number }
  | { readonly type: 'pong'; readonly ping: number; readonly rtt: number }
  | { readonly type: 'datagram'; readonly data: Uint8Array }
  | { readonly type: 'datagram-settled'; readonly datagram: number; readonly outcome: DatagramOutcome }
  /**
   * The peer has moved to `link` and proved it: `attach` it. Nothing but packets about paths goes there before.
   */
  | { readonly type: 'path-validated'; readonly link: Link }
  /** The link carried something that did not verify, though it loses and alters nothing: close it. */
  | { readonly type: 'link-failed'; readonly link: Link }
  /** No application data moves any more. Comes once. */
  | { readonly type: 'ended'; readonly reason: CloseReason }
  /** The session is gone for good: forget it. Comes once, last. */
  | { readonly type: 'closed' }

/**
 * What `poll` answers. `transmit` and `timeout` objects are reused by the next `poll` of any session, and the bytes of
 * `packet` with them.
 */
export type SessionOutput =
  | { readonly type: 'transmit'; readonly packet: Uint8Array; readonly link: Link }
  | { readonly type: 'event'; readonly event: SessionEvent }
  /** Nothing to do before `at` (milliseconds of the session's clock; `Infinity`: nothing until something arrives). */
  | { readonly type: 'timeout'; readonly at: number }
