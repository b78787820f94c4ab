import { describe, expect, test } from 'vitest'
import { frames } from './frames.ts'
import { LoneSession } from './lone-session.ts'
import { seal } from './sealed.ts'
import { limits } from './session-config.ts'

describe('silence', () => {
  // spec: STT-PKT-28
  test('the smaller of both idle timeouts ends the session, without CLOSE, as truncated', () => {
    const lone = new LoneSession('responder', { peerLimits: { ...limits, idleTimeout: 7_000 } })
    lone.advance(1_000)
    lone.deliver(frames.handshakeDone())
    lone.takeSent()
    lone.advance(6_999)
    expect(lone.session.state).toBe('active')
    expect(lone.session.isExpired(7_999)).toBe(false)
    expect(lone.session.isExpired(8_000)).toBe(true)
    lone.advance(1)
    expect(lone.session.state).toBe('closed')
    expect(lone.takeFrames()).toEqual([])
    expect(lone.event('ended')?.reason).toMatchObject({ by: 'silence', error: { code: 'STT_TRUNCATED' } })
    expect(lone.event('ended')?.reason.error.message).toContain('7 s')
  })

  // spec: STT-PKT-28
  test('a session whose place is needed ends so before its time: without CLOSE, as truncated, and once', () => {
    const lone = new LoneSession('responder')
    expect(lone.session.lastReceivedAt).toBe(0)
    lone.advance(1_000)
    lone.deliver(frames.handshakeDone())
    lone.takeSent()
    lone.advance(6_000)
    expect(lone.session.lastReceivedAt).toBe(1_000)
    lone.session.endAsSilent(7_000)
    expect(lone.session.state).toBe('closed')
    lone.drive()
    expect(lone.takeFrames()).toEqual([])
    expect(lone.event('ended')?.reason).toMatchObject({ by: 'silence', error: { code: 'STT_TRUNCATED' } })
    expect(lone.event('ended')?.reason.error.message).toContain('6 s')
    const told = lone.events.length
    lone.session.endAsSilent(8_000)
    lone.drive()
    expect(lone.events).toHaveLength(told)
  })

  // spec: STT-PKT-28
  test('when this program stood still meanwhile the error says so, and for how long', () => {
    const messageAfter = (...pauses: number[]): string => {
      const { session, link, peer } = new LoneSession('responder')
      session.receive(seal(peer, frames.handshakeDone()), link, 0)
      for (const pause of pauses) {
        let at = 0
        for (let output = session.poll(at); output.type !== 'timeout'; output = session.poll(at)) at = 0
        session.onStall(pause)
      }
      for (let output = session.poll(60_000); output.type !== 'timeout'; output = session.poll(60_000)) {
        if (output.type === 'event' && output.event.type === 'ended') return output.event.reason.error.message
      }
      return ''
    }
    expect(messageAfter()).toContain('It stopped, or the network between did')
    expect(messageAfter()).not.toContain('stood still')
    expect(messageAfter(30_100)).not.toContain('stood still')
    expect(messageAfter(58_000)).toContain('this program itself stood still for 28 s of them')
  })

  // spec: STT-PKT-28
  test('only what verifies counts as a sign of life', () => {
    const lone = new LoneSession('responder')
    lone.deliver(frames.handshakeDone())
    lone.advance(20_000)
    const broken = lone.packet(frames.ping())
    broken[20] = broken[20]! ^ 1
    lone.receive(broken)
    lone.advance(10_000)
    expect(lone.session.state).toBe('closed')
  })

  // spec: STT-PKT-30
  test('a responder that hears nothing at all gives up after 10 s', () => {
    const lone = new LoneSession('responder')
    expect(lone.session.state).toBe('handshaking')
    lone.advance(9_999)
    expect(lone.session.state).toBe('handshaking')
    lone.advance(1)
    expect(lone.session.state).toBe('closed')
    expect(lone.takeFrames()).toEqual([])
  })

  // spec: STT-PKT-29
  test('the first packet that verifies confirms a responder', () => {
    const lone = new LoneSession('responder')
    lone.deliver(frames.stream(0, 1))
    expect(lone.session.state).toBe('active')
    expect(lone.events).toEqual([{ type: 'confirmed' }])
    lone.deliver(frames.handshakeDone())
    expect(lone.events).toHaveLength(1)
  })

  // spec: STT-PKT-31
  test.each([0.5, 3])('what gets due %d ms into a run of outputs is done within the run', later => {
    const { session, link, peer } = new LoneSession('initiator')
    session.receive(seal(peer, frames.datagram(1)), link, 0)
    expect(session.poll(15_000 - later).type).toBe('event')
    const outputs = []
    for (let output = session.poll(15_000); output.type !== 'timeout'; output = session.poll(15_000))
      outputs.push(output)
    expect(outputs.map(({ type }) => type)).toContain('transmit')
    expect(session.poll(15_000)).toMatchObject({ at: expect.toSatisfy((at: number) => at > 15_000) })
  })

  // spec: STT-PKT-31
  test('the initiator sends PING after 15 s of silence; a responder does not', () => {
    const initiator = new LoneSession('initiator')
    initiator.deliver(frames.ack(0, 0))
    initiator.takeSent()
    initiator.advance(10_000)
    initiator.deliver(frames.padding(1))
    initiator.advance(14_999)
    expect(initiator.takeFrames()).toEqual([])
    initiator.advance(1)
    expect(initiator.takeFrames()).toEqual(['PING'])
    const responder = new LoneSession('responder')
    responder.deliver(frames.padding(1))
    responder.advance(29_999)
    expect(responder.takeFrames()).toEqual([])
  })

  // spec: STT-PKT-31
  test('keepalive can be turned off, and is never slower than half the idle timeout', () => {
    const off = new LoneSession('initiator', { options: { keepAlive: false } })
    off.deliver(frames.ack(0, 0))
    off.takeSent()
    off.advance(29_999)
    expect(off.takeFrames()).toEqual([])
    const short = new LoneSession('initiator', { peerLimits: { ...limits, idleTimeout: 4_000 } })
    short.deliver(frames.ack(0, 0))
    short.takeSent()
    short.advance(2_000)
    expect(short.takeFrames()).toEqual(['PING'])
  })

  test('the PING of a keepalive is not reported', () => {
    const lone = new LoneSession('initiator')
    lone.deliver(frames.ack(0, 0))
    lone.advance(15_000)
    lone.deliver(frames.ack(1, 0))
    expect(lone.events).toEqual([])
  })
})

describe('without a link', () => {
  // spec: STT-PKT-32
  test('the session lives until it is idle, and another link carries it on', () => {
    const lone = new LoneSession('initiator', { kind: 'message' })
    lone.source.queue(500)
    lone.drive()
    lone.takeSent()
    lone.session.detach(lone.link, undefined, 0)
    lone.advance(29_999)
    expect(lone.session.state).toBe('active')
    lone.session.attach(lone.link)
    lone.drive()
    expect(lone.takeFrames()).toEqual(['HANDSHAKE_DONE, PING, STREAM 0 0+500'])
    expect(lone.session.getStatistics().framesResent).toBe(2)
  })

  // spec: STT-PKT-32
  test('it can be given less time than that, and no more', () => {
    for (const [detachedTimeout, expected] of [
      [2_000, 2_000],
      [90_000, 30_000],
    ] as const) {
      // biome-ignore format: one line
      const lone = new LoneSession('responder', { options: { detachedTimeout } })
      lone.deliver(frames.handshakeDone())
      lone.session.detach(lone.link, undefined, 0)
      lone.drive()
      lone.advance(expected - 1)
      expect(lone.session.state).toBe('active')
      lone.advance(1)
      expect(lone.session.state).toBe('closed')
      expect(lone.event('ended')?.reason.error.code).toBe('STT_TRUNCATED')
    }
  })

  // spec: STT-PKT-32
  test('where it is to wait for no other it ends at once, as truncated, and says why', () => {
    for (const role of ['initiator', 'responder'] as const) {
      const lone = new LoneSession(role, { kind: 'message', options: { detachedTimeout: 0 } })
      const cause = new Error('read ECONNRESET')
      lone.session.detach({ ...lone.link }, cause, 0)
      lone.drive()
      expect(lone.session.state).not.toBe('closed')
      lone.session.detach(lone.link, cause, 0)
      lone.drive()
      expect(lone.session.state).toBe('closed')
      expect(lone.event('ended')?.reason).toMatchObject({ by: 'link', error: { code: 'STT_TRUNCATED', cause } })
      expect(lone.event('ended')?.reason.error.message).toContain('ECONNRESET')
      expect(lone.events.at(-1)).toEqual({ type: 'closed' })
    }
  })

  // spec: STT-PKT-32
  test('a close that had nothing left to deliver stays a close; one that had is truncated', () => {
    for (const [written, by] of [
      [0, 'local'],
      [500, 'link'],
    ] as const) {
      const lone = new LoneSession('responder', { kind: 'message', options: { detachedTimeout: 0 } })
      lone.deliver(frames.handshakeDone())
      if (written > 0) lone.source.queue(written)
      lone.drive()
      lone.session.close({ app: true, code: 7, reason: '', deadline: 5_000 }, 0)
      lone.session.detach(lone.link, undefined, 0)
      lone.drive()
      expect(lone.event('ended')?.reason.by).toBe(by)
      expect(lone.session.state).toBe('closed')
    }
  })

  // spec: STT-PKT-31
  test('without a link no PINGs gather, and no timer is set for them', () => {
    const lone = new LoneSession('initiator', {
      localLimits: { ...limits, idleTimeout: 600_000 },
      peerLimits: { ...limits, idleTimeout: 600_000 },
    })
    lone.deliver(frames.ack(0, 0))
    lone.session.detach(lone.link, undefined, 0)
    lone.drive()
    const before = lone.polls
    lone.advance(500_000)
    expect(lone.polls).toBe(before)
    lone.takeSent()
    lone.session.attach(lone.link)
    lone.drive()
    expect(lone.takeFrames().length).toBeLessThanOrEqual(1)
  })

  test('detaching a link that is not the session’s own changes nothing', () => {
    const lone = new LoneSession('responder')
    lone.session.detach({ ...lone.link }, undefined, 0)
    expect(lone.session.link).toBe(lone.link)
  })
})

describe('a session that is kept for its peer’s return', () => {
  const kept = (role: 'initiator' | 'responder'): LoneSession => {
    const lone = new LoneSession(role, { options: { keepAlive: false, dormantTimeout: 60_000 } })
    lone.deliver(role === 'responder' ? frames.handshakeDone() : frames.ack(0, 0))
    lone.takeSent()
    return lone
  }

  // spec: STT-PKT-55
  test('lives for longer than its idle time, says so once, and ends when that is over too', () => {
    const lone = kept('responder')
    lone.advance(30_000)
    expect([lone.session.state, lone.session.isDormant]).toEqual(['active', true])
    lone.advance(59_999)
    expect(lone.session.state).toBe('active')
    expect(lone.eventsOf('dormant')).toHaveLength(1)
    lone.advance(1)
    expect(lone.event('ended')?.reason).toMatchObject({ by: 'silence', error: { code: 'STT_TRUNCATED' } })
  })

  // spec: STT-PKT-55
  test('a responder sends nothing meanwhile, and goes on with the first packet that verifies', () => {
    const lone = kept('responder')
    lone.advance(29_999)
    lone.source.queue(100)
    lone.advance(1)
    lone.drive()
    const before = lone.polls
    lone.advance(20_000)
    expect(lone.takeFrames()).toEqual([])
    expect(lone.polls - before).toBeLessThan(3)
    lone.deliver(frames.ping())
    expect(lone.takeFrames()).toEqual(['ACK 1 0, STREAM 0 0+100'])
    expect(lone.session.isDormant).toBe(false)
    lone.advance(30_000)
    expect(lone.eventsOf('dormant')).toHaveLength(2)
  })

  // spec: STT-PKT-55
  test('an initiator looks for another path meanwhile', () => {
    const lone = kept('initiator')
    expect(lone.session.needsPath).toBe(false)
    lone.advance(30_000)
    expect(lone.session.needsPath).toBe(true)
  })
})
