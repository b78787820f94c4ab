import { provider } from '@stt/crypto'
import { createRandom } from '@stt/testing'
import { expect, test } from 'vitest'
import { resetToken } from '../src/index.ts'
import { StatelessResets } from '../src/listen.ts'
import { frames } from './frames.ts'
import { deadLink } from './links.ts'
import { LoneSession } from './lone-session.ts'
import { cidOf } from './session-config.ts'

const resetKey = new Uint8Array(32).fill(3)
const random = createRandom(1)
const restarted = new StatelessResets({ provider, resetKey, entropy: length => random.bytes(length) })

/** An initiator whose peer handed out a token and then forgot everything but its static key. */
function orphan(kind: 'datagram' | 'message' = 'datagram'): LoneSession {
  const token = resetToken(provider, resetKey, cidOf('responder'))
  const lone = new LoneSession('initiator', { kind, resetToken: token })
  lone.deliver(frames.ack(0, 0))
  lone.source.queue(1_000)
  lone.drive()
  return lone
}

// spec: STT-PKT-40
test('the answer of a restarted responder ends the session at once, as truncated', () => {
  const lone = orphan()
  const reset = restarted.answer(lone.takeSent().at(-1)!.bytes, '10.0.0.2', 0)
  lone.receive(reset!)
  expect(lone.session.state).toBe('closed')
  expect(lone.event('ended')?.reason).toMatchObject({ by: 'reset', error: { code: 'STT_TRUNCATED' } })
  expect(lone.events.at(-1)).toEqual({ type: 'closed' })
  expect(lone.takeFrames()).toEqual([])
})

// spec: STT-PKT-40
test('a token that is wrong in any bit, or comes over a link that is not the session’s, ends nothing', () => {
  const lone = orphan()
  const reset = restarted.answer(lone.takeSent().at(-1)!.bytes, '10.0.0.2', 0)!
  for (let at = reset.length - 16; at < reset.length; at++) {
    for (let bit = 0; bit < 8; bit++) {
      const wrong = reset.slice()
      wrong[at] = wrong[at]! ^ (1 << bit)
      lone.receive(wrong)
    }
  }
  lone.receive(reset, deadLink('datagram'))
  lone.receive(reset.subarray(reset.length - 32))
  expect(lone.session.state).toBe('active')
})

// spec: STT-PKT-40
test('a message link carries the token too', () => {
  const lone = orphan('message')
  const reset = restarted.answer(lone.takeSent().at(-1)!.bytes, '10.0.0.2', 0)!
  lone.receive(reset)
  expect(lone.event('ended')?.reason.by).toBe('reset')
  expect(lone.event('link-failed')).toBeUndefined()
})

test('a session that was given no token cannot be reset', () => {
  const lone = new LoneSession('initiator')
  const reset = new Uint8Array(40).fill(0x40)
  lone.receive(reset)
  expect(lone.session.state).toBe('active')
})
