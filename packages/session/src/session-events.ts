import type { SttError } from '@stt/errors'
import type { Candidate, Link, Output } from '@stt/frame'

/** Why a session ended. */
export interface CloseReason {
  /**
   * What ended it: a close on this side, the peer's CLOSE, silence, a rule that the peer broke, the peer's stateless
   * reset, the end of the only link, or a defect on this side.
   */
  readonly by: 'local' | 'peer' | 'silence' | 'violation' | 'reset' | 'link' | 'fault'
  /** The application's own code where `app` is set, else one of `CloseCode`. */
  readonly code: number
  readonly app: boolean
  /** Text of whoever closed. The peer's is as it came: use `printable` of `@stt/errors` before it is shown. */
  readonly reason: string
  /** What pending calls fail with. */
  readonly error: SttError
}

/**
 * Why a session goes over another path: the one before ended, or carried nothing any more; a better one was proved; the peer
 * went there; the peer's address changed, as when a NAT forgot it; or whoever drives the session said so.
 */
export type MoveReason = 'closed' | 'silent' | 'better' | 'followed' | 'rebound' | 'asked'

export type DatagramOutcome = 'acknowledged' | 'lost' | 'expired'

export type SessionEvent =
  /** The peer has proved that it holds the session's keys. */
  | { readonly type: 'confirmed' }
  /** Both directions have moved to the keys of `epoch`. */
  | { readonly type: 'epoch'; readonly epoch: number }
  | { readonly type: 'pong'; readonly ping: number; readonly rtt: number }
  | { readonly type: 'datagram'; readonly data: Uint8Array<ArrayBuffer> }
  | { readonly type: 'datagram-settled'; readonly datagram: number; readonly outcome: DatagramOutcome }
  /** The session uses `link` too from now on, and wants to know when it drains and when it ends. */
  | { readonly type: 'path-opened'; readonly link: Link }
  /** The peer is where a link of `addPath` leads: the session may go there. */
  | { readonly type: 'path-validated'; readonly link: Link }
  /** The session has moved: what is sent goes over `link` now. */
  | {
      readonly type: 'path-changed'
      readonly link: Link
      /** Where it went before; undefined when that had ended. */
      readonly from: Link | undefined
      readonly reason: MoveReason
    }
  /** The session has no more use for `link`: close it. */
  | { readonly type: 'path-closed'; readonly link: Link }
  /**
   * The path in use is in doubt, or gone: open what else leads to the peer, as long as `needsPath` says so. With `anew` that
   * has lasted: links to where others already lead may help too, from another port.
   */
  | { readonly type: 'path-wanted'; readonly anew: boolean }
  /** The responder may be reached at these addresses; they replace those before. */
  | { readonly type: 'addresses'; readonly candidates: readonly Candidate[] }
  /** The initiator sends from these addresses now, to those that it was told: `answerPunch` sends there. */
  | { readonly type: 'punch'; readonly candidates: readonly Candidate[] }
  /** Where this side's packets come from, as the peer sees it. */
  | { readonly type: 'observed'; readonly candidate: Candidate }
  /** A round of hole punching is over, and `answered` is how many links were answered over. */
  | { readonly type: 'punch-over'; readonly answered: number }
  /**
   * Close the link, which `error` says the reason for: it carried something that did not verify though it alters
   * nothing, or nothing of what went over it was acknowledged for too long.
   */
  | { readonly type: 'link-failed'; readonly link: Link; readonly error: SttError }
  /** No application data moves any more. Comes once. */
  | { readonly type: 'ended'; readonly reason: CloseReason }
  /** The peer has been silent for so long that the session would be over, were it not kept for the peer's return. */
  | { readonly type: 'dormant' }
  /**
   * The time that `close` was given is over, and the peer has not answered CLOSE. Comes after `ended`, once; whoever
   * waits for the close need not wait longer. Until `closed` CLOSE is still repeated and late packets are absorbed.
   */
  | { readonly type: 'close-expired' }
  /** The session is gone for good: forget it. Comes once, last. */
  | { readonly type: 'closed' }

/**
 * What `poll` answers. `transmit` and `timeout` objects are reused by the next `poll` of any session, and the bytes of
 * `packet` with them.
 */
export type SessionOutput = Output<SessionEvent, Link>
