import { describe, expect, test } from 'vitest'
import type { CloseRequest } from '../src/index.ts'
import { sessionPair } from './endpoint.ts'
import { frames } from './frames.ts'
import { LoneSession } from './lone-session.ts'
import { limits } from './session-config.ts'

const request = (overrides: Partial<CloseRequest> = {}): CloseRequest => ({
  app: true,
  code: 42,
  reason: 'done',
  deadline: 5_000,
  ...overrides,
})

/** An initiator whose HANDSHAKE_DONE was acknowledged. */
function confirmed(kind: 'datagram' | 'message' = 'datagram'): LoneSession {
  const lone = new LoneSession('initiator', { kind, options: { keepAlive: false } })
  lone.deliver(frames.ack(0, 0))
  lone.takeSent()
  return lone
}

function close(lone: LoneSession, overrides: Partial<CloseRequest> = {}): void {
  lone.session.close(request(overrides), lone.loop.now)
  lone.drive()
}

describe('closing', () => {
  test('what was written goes out and is acknowledged first, then CLOSE', () => {
    const lone = confirmed()
    lone.source.queue(1_500)
    close(lone)
    expect(lone.takeFrames()).toHaveLength(2)
    lone.deliver(frames.ack(1, 1))
    expect(lone.takeFrames()).toEqual([])
    expect(lone.session.state).toBe('closing')
    lone.deliver(frames.ack(2, 1))
    expect(lone.takeFrames()).toEqual(['CLOSE app 42 done'])
    expect(lone.event('ended')?.reason).toMatchObject({ by: 'local', app: true, code: 42, reason: 'done' })
    lone.deliver(frames.close())
    expect(lone.session.state).toBe('closed')
    expect(lone.events.at(-1)).toEqual({ type: 'closed' })
  })

  test('a message link both ways: everything arrives, both ends agree why', () => {
    const { loop, initiator, responder } = sessionPair()
    initiator.source.queue(2_000_000)
    initiator.session.close(request(), loop.now)
    initiator.drive()
    loop.runUntil(4_000)
    expect(responder.source.receivedBytes).toBe(2_000_000)
    expect(initiator.event('ended')?.reason).toMatchObject({ by: 'local', code: 42, reason: 'done' })
    expect(responder.event('ended')?.reason).toMatchObject({ by: 'peer', app: true, code: 42, reason: 'done' })
    expect([initiator.session.state, responder.session.state]).toEqual(['closed', 'closed'])
  })

  test('what is not acknowledged by the deadline holds CLOSE up no longer', () => {
    const lone = confirmed()
    lone.source.queue(100)
    close(lone, { deadline: 700 })
    lone.takeSent()
    lone.advance(699)
    expect(lone.takeFrames()).toEqual([])
    lone.advance(1)
    expect(lone.takeFrames()).toEqual(['CLOSE app 42 done'])
  })

  test('an abrupt close waits for nothing', () => {
    const lone = confirmed()
    lone.recovery!.open = false
    lone.source.queue(100_000)
    close(lone, { deadline: 0, code: 0, reason: '' })
    expect(lone.takeFrames()).toEqual(['CLOSE app 0'])
  })

  // spec: STT-PKT-24
  test('CLOSE passes congestion control, with an ACK before it', () => {
    const lone = confirmed()
    lone.recovery!.open = false
    lone.deliver(frames.stream(0, 1))
    close(lone)
    expect(lone.takeFrames()).toEqual(['ACK 1 0, CLOSE app 42 done'])
  })

  // spec: STT-PKT-25
  test('CLOSE is repeated each PTO while nothing answers, for 3 PTO', () => {
    const lone = confirmed()
    close(lone)
    lone.advance(299)
    expect(lone.takeSent().map(({ at }) => at)).toEqual([0, 100, 200])
    expect(lone.session.state).toBe('closing')
    lone.advance(1)
    expect(lone.session.state).toBe('closed')
    expect(lone.takeSent()).toEqual([])
    // spec: STT-PKT-28
    expect(lone.event('ended')?.reason).toMatchObject({ by: 'local' })
  })

  // spec: STT-PKT-25
  test('a peer that goes on sending gets one CLOSE for eight packets', () => {
    const lone = confirmed()
    close(lone)
    lone.takeSent()
    for (let i = 0; i < 33; i++) lone.deliver(frames.ping())
    expect(lone.takeFrames()).toHaveLength(4)
  })

  test('on a message link nothing is repeated', () => {
    const lone = confirmed('message')
    close(lone)
    lone.advance(10_000)
    expect(lone.takeFrames()).toHaveLength(1)
    expect(lone.session.state).toBe('closed')
  })

  test('a second close changes nothing', () => {
    const lone = confirmed()
    close(lone)
    close(lone, { code: 7, reason: 'other' })
    expect(lone.takeFrames()).toEqual(['CLOSE app 42 done'])
  })

  test('both at once: each keeps its own reason', () => {
    const { loop, initiator, responder } = sessionPair({ toServer: { delay: 50 }, toClient: { delay: 50 } })
    loop.runUntil(500)
    for (const [index, end] of [initiator, responder].entries()) {
      end.session.close(request({ code: index }), loop.now)
      end.drive()
    }
    loop.runUntil(700)
    expect([initiator, responder].map(end => end.event('ended')?.reason)).toMatchObject([
      { by: 'local', code: 0 },
      { by: 'local', code: 1 },
    ])
    expect([initiator.session.state, responder.session.state]).toEqual(['closed', 'closed'])
  })

  test('a session whose link is gone closes at once, unless there is something to deliver', () => {
    const lone = confirmed()
    lone.session.detach(lone.link, undefined, lone.loop.now)
    close(lone)
    expect(lone.event('ended')?.reason.by).toBe('local')
    expect(lone.events.at(-1)).toEqual({ type: 'closed' })
  })

  // spec: STT-PKT-32
  test('with something to deliver it waits for another link until its deadline, and delivers it there', () => {
    for (const comesBack of [true, false]) {
      const lone = confirmed()
      lone.source.queue(100)
      lone.session.detach(lone.link, undefined, lone.loop.now)
      close(lone, { deadline: 1_000 })
      lone.advance(999)
      expect(lone.session.state).toBe('closing')
      lone.takeSent()
      if (comesBack) lone.session.attach(lone.link)
      lone.drive()
      expect(lone.takeFrames().join()).toBe(comesBack ? 'STREAM 0 0+100' : '')
      lone.advance(1)
      expect(lone.takeFrames().join()).toBe(comesBack ? 'CLOSE app 42 done' : '')
      expect(lone.event('ended')?.reason.by).toBe('local')
    }
  })

  test('a link that takes nothing more holds CLOSE up until it does, or until the session is forgotten', () => {
    const lone = confirmed()
    lone.session.setWritable(lone.link, false)
    close(lone)
    expect(lone.takeFrames()).toEqual([])
    lone.advance(200)
    lone.session.setWritable(lone.link, true)
    lone.drive()
    expect(lone.takeFrames()).toEqual(['CLOSE app 42 done'])
    lone.advance(100)
    expect(lone.session.state).toBe('closed')
  })

  // spec: STT-FRM-12
  test('a reason that is too long is refused, and the session stays as it was', () => {
    const lone = confirmed()
    expect(() => close(lone, { reason: 'a'.repeat(257) })).toThrowError(
      expect.objectContaining({ code: 'STT_INVALID_ARGUMENT' }),
    )
    expect(lone.session.state).toBe('active')
  })

  test.each(['rotateKeys', 'ping'] as const)('%s on a closing session is refused', call => {
    const lone = confirmed()
    close(lone)
    expect(() => lone.session[call]()).toThrowError(expect.objectContaining({ code: 'STT_CLOSED' }))
    expect(() => lone.session.sendDatagram(new Uint8Array(1))).toThrowError(
      expect.objectContaining({ code: 'STT_CLOSED' }),
    )
  })
})

describe('the peer closes', () => {
  // spec: STT-PKT-26
  test('it is answered once, and nothing is sent after that', () => {
    const lone = confirmed()
    lone.source.queue(100)
    lone.deliver(frames.close(true, 7, 'bye'))
    expect(lone.takeFrames()).toEqual(['CLOSE protocol 0'])
    expect(lone.session.state).toBe('draining')
    expect(lone.event('ended')?.reason).toMatchObject({ by: 'peer', app: true, code: 7, reason: 'bye' })
    for (let i = 0; i < 40; i++) lone.deliver(i % 2 ? frames.ping() : frames.close())
    lone.advance(299)
    expect(lone.takeFrames()).toEqual([])
    expect(lone.session.state).toBe('draining')
    lone.advance(1)
    expect(lone.session.state).toBe('closed')
  })

  test('on a message link the answer is the end', () => {
    const lone = confirmed('message')
    lone.deliver(frames.close())
    expect(lone.takeFrames()).toEqual(['CLOSE protocol 0'])
    expect(lone.session.state).toBe('closed')
  })

  // spec: STT-PKT-27
  test('nothing behind CLOSE is acted on, in its packet or in later ones', () => {
    const lone = confirmed()
    lone.deliver(frames.join(frames.stream(0, 5), frames.close(), frames.stream(5, 5), frames.datagram(1)))
    lone.deliver(frames.join(frames.stream(5, 5), frames.ack(99, 0)))
    expect(lone.source.receivedBytes).toBe(5)
    expect(lone.event('datagram')).toBeUndefined()
    expect(lone.events.filter(({ type }) => type === 'ended')).toHaveLength(1)
  })

  // spec: STT-PKT-27
  test('once CLOSE was sent only the peer’s own means something', () => {
    const lone = confirmed()
    close(lone)
    const all = [
      frames.stream(0, 5),
      frames.datagram(1),
      frames.ack(99, 0),
      frames.handshakeDone(),
      frames.challenge(1),
    ]
    for (const frame of all) lone.deliver(frame)
    expect(lone.source.calls).toBe(0)
    expect(lone.event('datagram')).toBeUndefined()
    expect(lone.session.state).toBe('closing')
    lone.deliver(frames.close())
    expect(lone.session.state).toBe('closed')
  })

  test.each([
    [true, 7, 'STT_CLOSED'],
    [false, 0, 'STT_CLOSED'],
    [false, 3, 'STT_PROTOCOL'],
  ])('app %s, code %i: pending calls fail with the code %s', (app, code, expected) => {
    const lone = confirmed()
    lone.deliver(frames.close(app, code))
    expect(lone.event('ended')?.reason.error).toMatchObject({ code: expected, details: { closeCode: code } })
  })
})

test('a broken rule ends the session with its own code, and tells the peer which', () => {
  const lone = confirmed()
  lone.deliver(frames.stream(666_666, 1))
  expect(lone.takeFrames()).toEqual(['CLOSE protocol 3 the peer had no credit for that'])
  expect(lone.event('ended')?.reason).toMatchObject({ by: 'violation', app: false, code: 3 })
  lone.advance(300)
  expect(lone.session.state).toBe('closed')
})

describe('the deadline of a close', () => {
  // spec: STT-PKT-46
  test('an unanswered CLOSE is waited for until then, and repeated after it', () => {
    const lone = confirmed()
    close(lone, { deadline: 250 })
    expect(lone.event('ended')?.reason.by).toBe('local')
    lone.advance(249)
    expect(lone.event('close-expired')).toBeUndefined()
    lone.advance(1)
    expect(lone.event('close-expired')).toBeDefined()
    expect(lone.session.state).toBe('closing')
    lone.advance(50)
    expect(lone.events.map(({ type }) => type)).toEqual(['ended', 'close-expired', 'closed'])
    expect(lone.takeFrames()).toHaveLength(3)
  })

  // spec: STT-PKT-46
  test('a full link does not delay a call that waits for the close', () => {
    const lone = confirmed()
    lone.session.setWritable(lone.link, false)
    lone.source.queue(100)
    close(lone, { deadline: 700 })
    lone.advance(699)
    expect(lone.events).toEqual([])
    expect(lone.takeFrames()).toEqual([])
    lone.advance(1)
    expect(lone.takeFrames()).toEqual(['CLOSE app 42 done'])
    expect(lone.events.map(({ type }) => type)).toEqual(['ended', 'close-expired'])
    lone.advance(250)
    expect(lone.takeFrames()).toEqual([])
  })

  test('an answer before it is the end of it', () => {
    const lone = confirmed()
    close(lone, { deadline: 250 })
    lone.deliver(frames.close())
    lone.advance(1_000)
    expect(lone.events.map(({ type }) => type)).toEqual(['ended', 'closed'])
  })

  // spec: STT-PKT-42
  test.each([
    [100, 300],
    [2_999, 8_997],
    [3_000, 9_000],
    [3_001, 9_000],
    [4_000_000, 9_000],
  ])('a probe timeout of %i ms keeps a closing session for %i ms', (probeTimeout, lingers) => {
    // biome-ignore format: one line
    const lone = confirmed()
    lone.recovery!.probeTimeout = probeTimeout
    close(lone, { deadline: 0 })
    lone.advance(lingers - 1)
    expect(lone.session.state).toBe('closing')
    lone.advance(1)
    expect(lone.session.state).toBe('closed')
  })

  // spec: STT-PKT-42
  test('on a message link one ACK that the peer held back for an hour counts for no more', () => {
    const lone = new LoneSession('initiator', {
      kind: 'message',
      localLimits: { ...limits, idleTimeout: 10_000_000 },
      peerLimits: { ...limits, idleTimeout: 10_000_000 },
      options: { keepAlive: false },
    })
    lone.advance(29_000)
    lone.deliver(frames.ack(0, 0))
    close(lone, { deadline: 0 })
    lone.advance(8_999)
    expect(lone.session.state).toBe('closing')
    lone.advance(1)
    expect(lone.session.state).toBe('closed')
  })
})

describe('a defect on this side', () => {
  test('ends the session as a fault and not as the peer’s violation; the peer is told InternalError, and no more', () => {
    const lone = confirmed()
    const cause = new TypeError('undefined is not a function')
    lone.session.fail(cause, lone.loop.now)
    lone.drive()
    expect(lone.takeFrames()).toEqual(['CLOSE protocol 1'])
    expect(lone.event('ended')?.reason).toMatchObject({ by: 'fault', code: 1, error: { code: 'STT_CLOSED', cause } })
  })
})
