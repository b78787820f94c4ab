import type { SttError } from '@stt/errors'
import type { Candidate, Link, Output } from '@stt/frame'

/** Why a session ended. */
export interface CloseReason {
  /**
   * The cause of the end: a close on this side, the peer's CLOSE, silence, a rule that the peer broke, the peer's stateless
   * reset, the end of the only link, or a defect of this side.
   */
  readonly by: 'local' | 'peer' | 'silence' | 'violation' | 'reset' | 'link' | 'fault'
  /** The application's code if `app` is set, else one of `CloseCode`. */
  readonly code: number
  /** Whether an application chose `code`. */
  readonly app: boolean
  /** Text from the side that closed. The peer's is unchanged: use `printable` of `@stt/errors` before showing it. */
  readonly reason: string
  /** The error that pending calls fail with. */
  readonly error: SttError
}

/**
 * Why a session moved to another path: the previous one was `closed` or went `silent`; a `better` one was validated; the
 * responder `followed` its peer; the peer's address was `rebound`, as when a NAT forgot it; or `moveTo` `asked` for it.
 */
export type MoveReason = 'closed' | 'silent' | 'better' | 'followed' | 'rebound' | 'asked'

/** `expired` datagrams were dropped before they were sent. */
export type DatagramOutcome = 'acknowledged' | 'lost' | 'expired'

/** Something that happened in a session. Times are milliseconds. */
export type SessionEvent =
  /**
   * `confirmed`: the peer has proved that it holds the session's keys.
   * `dormant`: the peer has been silent for `idleTimeout`, and the session waits for its return (`dormantTimeout`).
   * `close-expired`: the deadline of `close` has passed, and the peer has not answered CLOSE: a caller that waits for the
   * close need not wait longer. Comes once, after `ended`. Until `closed`, CLOSE is still repeated and late packets are absorbed.
   * `closed`: the session is gone for good: forget it. Comes once, last.
   */
  | { readonly type: 'confirmed' | 'dormant' | 'close-expired' | 'closed' }
  /** Both directions have moved to the keys of `epoch`. */
  | { readonly type: 'epoch'; readonly epoch: number }
  /** The peer acknowledged the PING of this number, `rtt` after it was sent. */
  | { readonly type: 'pong'; readonly ping: number; readonly rtt: number }
  /** A datagram from the peer; `data` is the receiver's to keep. */
  | { readonly type: 'datagram'; readonly data: Uint8Array<ArrayBuffer> }
  /** The outcome of the datagram that `sendDatagram` gave this number. */
  | { readonly type: 'datagram-settled'; readonly datagram: number; readonly outcome: DatagramOutcome }
  /**
   * `path-opened`: the session also uses `link` from now on: report when it drains and when it ends.
   * `path-validated`: the peer answered over a link of `addPath`: the session may move there.
   * `path-closed`: the session no longer uses `link`: close it.
   */
  | { readonly type: 'path-opened' | 'path-validated' | 'path-closed'; readonly link: Link }
  /** The session has moved: it sends over `link` now. */
  | {
      readonly type: 'path-changed'
      readonly link: Link
      /** The previous link; undefined if that had ended. */
      readonly from: Link | undefined
      readonly reason: MoveReason
    }
  /**
   * The active path is in doubt, or gone: open other links to the peer, as long as `needsPath` is true. `anew` means that this
   * has lasted: another link to an address that is already in use may help too, from another port.
   */
  | { readonly type: 'path-wanted'; readonly anew: boolean }
  /**
   * `addresses`: the responder can be reached at these; they replace the previous ones. `punch`: the initiator sends from these
   * now, to the addresses that it was told: `punching.answer` sends there.
   */
  | { readonly type: 'addresses' | 'punch'; readonly candidates: readonly Candidate[] }
  /** The address that this side's packets come from, as the peer sees it. */
  | { readonly type: 'observed'; readonly candidate: Candidate }
  /** A round of hole punching is over; the peer answered over this many links. */
  | { readonly type: 'punch-over'; readonly answered: number }
  /**
   * Close the link; `error` says why. A packet over this message link did not verify, or packets over it have not been
   * acknowledged for too long.
   */
  | { readonly type: 'link-failed'; readonly link: Link; readonly error: SttError }
  /** The session carries no more application data. Comes once. */
  | { readonly type: 'ended'; readonly reason: CloseReason }

/**
 * The result of `poll`. The next `poll` of any session reuses `transmit` and `timeout` objects, and the bytes of `packet`.
 */
export type SessionOutput = Output<SessionEvent, Link>
