import { expect, test } from 'vitest'
import type { SessionHandle } from '../session/session-core.ts'
import { DormantSessions } from './dormant-sessions.ts'

function setUp() {
  const awake = new Set<SessionHandle>()
  const ended: SessionHandle[] = []
  const dormant = new DormantSessions(
    handle => !awake.has(handle),
    handle => {
      ended.push(handle)
      dormant.remove(handle)
    },
  )
  return { dormant, awake, ended }
}

const sessionOf = (peer: number): SessionHandle =>
  ({ session: { peer: { id: new Uint8Array(32).fill(peer) } } }) as unknown as SessionHandle

// spec: STT-PKT-55
test('four sessions of one peer wait, and the one that has waited longest makes room', () => {
  const { dormant, ended } = setUp()
  const sessions = Array.from({ length: 6 }, () => sessionOf(1))
  for (const session of sessions) dormant.add(session)
  expect(ended).toEqual(sessions.slice(0, 2))
})

// spec: STT-PKT-55
test('256 sessions of all peers wait', () => {
  const { dormant, ended } = setUp()
  const sessions = Array.from({ length: 260 }, () => sessionOf(0))
  for (const [i, session] of sessions.entries()) {
    session.session.peer.id[0] = i
    session.session.peer.id[1] = i >> 8
    dormant.add(session)
  }
  expect(ended).toEqual(sessions.slice(0, 4))
})

test('a session that is heard again counts no more, and one that falls silent again waits anew', () => {
  const { dormant, awake, ended } = setUp()
  const [first, ...others] = Array.from({ length: 5 }, () => sessionOf(1))
  dormant.add(first!)
  awake.add(first!)
  for (const session of others) dormant.add(session)
  expect(ended).toEqual([])
  awake.delete(first!)
  dormant.add(first!)
  expect(ended).toEqual([others[0]])
})
