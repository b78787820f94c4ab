import { SttError } from '@stt/errors'

/**
 * How far a session has come.
 *
 * - `handshaking`: the keys are there, but no packet has verified yet (a responder before the first packet)
 * - `active`: both sides have the keys
 * - `closing`: this side closes: it sends the data that was written, then CLOSE, and waits for the peer's answer
 * - `draining`: the peer sent CLOSE; it is answered once, and late packets are absorbed
 * - `closed`: the session neither sends nor takes packets, and its keys are wiped
 */
export type SessionState = 'handshaking' | 'active' | 'closing' | 'draining' | 'closed'

/** All allowed transitions. */
const TRANSITIONS: Readonly<Record<SessionState, readonly SessionState[]>> = {
  handshaking: ['active', 'closing', 'draining', 'closed'],
  active: ['closing', 'draining', 'closed'],
  closing: ['draining', 'closed'],
  draining: ['closed'],
  closed: [],
}

/** @throws SttError `STT_INVALID_STATE` for a transition that is not in the table */
export function transition(from: SessionState, to: SessionState): SessionState {
  if (!TRANSITIONS[from].includes(to))
    throw new SttError('STT_INVALID_STATE', `a session that is ${from} cannot become ${to}`)
  return to
}
