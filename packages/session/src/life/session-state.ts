import { SttError } from '@stt/errors'

/**
 * - `handshaking`: the keys are there, but nothing has verified yet (a responder before the first packet)
 * - `active`: both sides have the keys
 * - `closing`: this side closes: what was written still goes out, then CLOSE, then the peer's answer is awaited
 * - `draining`: the peer's CLOSE came; it is answered once, and late packets are absorbed
 * - `closed`: nothing is sent or taken any more, and the keys are gone
 */
export type SessionState = 'handshaking' | 'active' | 'closing' | 'draining' | 'closed'

/** Every transition there is. */
const TRANSITIONS: Readonly<Record<SessionState, readonly SessionState[]>> = {
  handshaking: ['active', 'closing', 'draining', 'closed'],
  active: ['closing', 'draining', 'closed'],
  closing: ['draining', 'closed'],
  draining: ['closed'],
  closed: [],
}

/** @throws SttError `STT_INVALID_STATE` for a transition that the table does not have */
export function transition(from: SessionState, to: SessionState): SessionState {
  if (!TRANSITIONS[from].includes(to))
    throw new SttError('STT_INVALID_STATE', `a session that is ${from} cannot become ${to}`)
  return to
}
