import { expect, test } from 'vitest'
import { type SessionState, transition } from './session-state.ts'

const states: readonly SessionState[] = ['handshaking', 'active', 'closing', 'draining', 'closed']

test('states only ever move forward', () => {
  for (const from of states) {
    for (const to of states) {
      const forward = states.indexOf(to) > states.indexOf(from)
      if (forward) expect(transition(from, to)).toBe(to)
      else
        expect(() => transition(from, to)).toThrowError(
          expect.objectContaining({ code: 'STT_INVALID_STATE', message: expect.stringContaining(from) }),
        )
    }
  }
})
