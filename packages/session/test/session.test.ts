import { expect, test } from 'vitest'
import { sessionPair } from './endpoint.ts'

test("the initiator's first packet confirms the session to the responder", () => {
  const { loop, initiator, responder } = sessionPair()
  expect(responder.session.state).toBe('handshaking')
  loop.runUntil(1_000)
  expect(responder.session.state).toBe('active')
  expect(responder.event('confirmed')).toBeDefined()
  expect(initiator.session.getStatistics().packetsOutstanding).toBe(0)
})

test('bytes flow both ways and every packet is acknowledged', () => {
  const { loop, initiator, responder } = sessionPair()
  initiator.source.queue(3_000_000)
  responder.source.queue(1_000_000)
  initiator.drive()
  responder.drive()
  loop.runUntil(5_000)
  expect(responder.source.receivedBytes).toBe(3_000_000)
  expect(initiator.source.receivedBytes).toBe(1_000_000)
  expect(initiator.session.getStatistics().packetsOutstanding).toBe(0)
  expect(responder.session.getStatistics().packetsOutstanding).toBe(0)
})

test('keys rotate on demand and both ends follow', () => {
  const { loop, initiator, responder } = sessionPair()
  initiator.source.queue(200_000)
  initiator.drive()
  loop.runUntil(1_000)
  initiator.session.rotateKeys()
  initiator.drive()
  loop.runUntil(2_000)
  expect(initiator.session.getStatistics()).toMatchObject({ sendEpoch: 1, receiveEpoch: 1 })
  expect(responder.session.getStatistics()).toMatchObject({ sendEpoch: 1, receiveEpoch: 1 })
  responder.source.queue(100_000)
  responder.session.rotateKeys()
  responder.drive()
  loop.runUntil(20_000)
  expect(initiator.session.getStatistics().sendEpoch).toBe(2)
  expect(initiator.source.receivedBytes).toBe(100_000)
})

test('close delivers what was written, then both ends agree why', () => {
  const { loop, initiator, responder } = sessionPair()
  initiator.source.queue(2_000_000)
  initiator.session.close({ app: true, code: 42, reason: 'done', deadline: 5_000 }, loop.now)
  initiator.drive()
  loop.runUntil(4_000)
  expect(responder.source.receivedBytes).toBe(2_000_000)
  expect(initiator.event('ended')?.reason).toMatchObject({ by: 'local', code: 42, reason: 'done' })
  expect(responder.event('ended')?.reason).toMatchObject({ by: 'peer', app: true, code: 42, reason: 'done' })
  expect(initiator.session.state).toBe('closed')
  expect(responder.session.state).toBe('closed')
})

test('a peer that falls silent ends the session as truncated', () => {
  const { loop, pair, initiator, responder } = sessionPair()
  loop.runUntil(100)
  pair.server.onPacket = () => {}
  responder.drive = () => {}
  loop.runUntil(60_000)
  expect(initiator.session.state).toBe('closed')
  expect(initiator.event('ended')?.reason.error.code).toBe('STT_TRUNCATED')
})
