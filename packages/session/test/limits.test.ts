import { describe, expect, test } from 'vitest'
import { SessionEngine } from '../src/index.ts'
import { MAX_ON_LOSSLESS_LINK } from '../src/send/delivery-tracker.ts'
import { CountingSource } from './counting-source.ts'
import { frames } from './frames.ts'
import { deadLink } from './links.ts'
import { LoneSession } from './lone-session.ts'
import { limits, sessionConfig } from './session-config.ts'

describe('frames that come once in a packet', () => {
  // spec: STT-PKT-41
  test.each([
    ['ACK', 'initiator', frames.ack(0, 0)],
    ['JOIN', 'responder', frames.joinLink(1)],
    ['PATH_CHALLENGE', 'initiator', frames.challenge(1)],
    ['PATH_RESPONSE', 'initiator', frames.response(1)],
  ] as const)('a second %s ends the session; one in each of two packets is in order', (name, role, frame) => {
    const lone = new LoneSession(role, { kind: 'message' })
    lone.deliver(frame)
    lone.deliver(frame)
    expect(lone.session.state).toBe('active')
    lone.takeSent()
    lone.deliver(frames.join(frame, frames.ping(), frame))
    expect(lone.event('ended')?.reason).toMatchObject({ by: 'violation', code: 10 })
    expect(lone.takeFrames().join()).toContain(`CLOSE protocol 10 the peer sent a second ${name} in one packet`)
  })
})

describe('datagrams that arrive between two polls', () => {
  const emptyDatagrams = (count: number): Uint8Array => new Uint8Array(2 * count).map((_, i) => (i % 2 ? 0 : 0x30))

  // spec: STT-PKT-45
  test('256 wait; more of them, of one packet or of many, are dropped before they are copied', () => {
    const lone = new LoneSession('responder', { kind: 'message' })
    lone.session.receive(lone.packet(emptyDatagrams(255)), lone.link, 0)
    expect(lone.session.getStatistics().datagramsDropped).toBe(0)
    lone.session.receive(lone.packet(emptyDatagrams(32_500)), lone.link, 0)
    expect(lone.session.getStatistics().datagramsDropped).toBe(32_500 - 1)
    lone.drive()
    expect(lone.eventsOf('datagram')).toHaveLength(256)
    lone.deliver(emptyDatagrams(257))
    expect(lone.eventsOf('datagram')).toHaveLength(2 * 256)
    expect(lone.session.state).toBe('active')
  })

  // spec: STT-PKT-45
  test('512 KiB wait, whatever their number', () => {
    const lone = new LoneSession('responder', { kind: 'message', localLimits: { ...limits, maxDatagram: 65_000 } })
    const big = frames.datagram(32_768)
    for (let i = 0; i < 16; i++) lone.session.receive(lone.packet(big), lone.link, 0)
    expect(lone.session.getStatistics().datagramsDropped).toBe(0)
    expect(lone.session.bytesHeld).toBe(512 * 1_024)
    lone.session.receive(lone.packet(frames.datagram(1)), lone.link, 0)
    expect(lone.session.getStatistics().datagramsDropped).toBe(1)
    lone.drive()
    expect(lone.session.bytesHeld).toBe(0)
    lone.deliver(frames.datagram(1))
    expect(lone.eventsOf('datagram')).toHaveLength(17)
  })
})

describe('a peer that acknowledges nothing', () => {
  /** Sends a packet of one byte until nothing more leaves. */
  function fill(session: SessionEngine, source: CountingSource): number {
    for (let sent = 0; sent < 2 * MAX_ON_LOSSLESS_LINK; sent++) {
      source.queue(1)
      if (session.poll(0).type === 'timeout') return sent
    }
    return Number.POSITIVE_INFINITY
  }

  // spec: STT-PKT-43
  test('is sent 16,384 packets on a message link, the last ones are kept for probes, and the rest waits for an ACK', () => {
    const source = new CountingSource()
    const session = new SessionEngine(sessionConfig('initiator', source))
    session.attach(deadLink('message', 65_535))
    const sent = fill(session, source)
    expect(sent).toBe(MAX_ON_LOSSLESS_LINK - 256)
    expect(session.getStatistics().packetsOutstanding).toBe(sent)
    expect(session.bytesHeld).toBe(sent * 256)
    const peer = new LoneSession('initiator', { kind: 'message' })
    session.receive(peer.packet(frames.ack(9, 0)), session.link!, 0)
    // The byte that waited leaves, and as many more as were acknowledged.
    expect(fill(session, source)).toBe(10)
    expect(session.bytesHeld).toBe(sent * 256)
  })

  // spec: STT-PKT-44
  test('loses its message link after 30 s, with the cause, and no datagram link', () => {
    const lone = new LoneSession('initiator', { kind: 'message', options: { keepAlive: false } })
    lone.deliver(frames.padding(1))
    lone.source.queue(10)
    lone.drive()
    lone.advance(20_000)
    lone.deliver(frames.padding(1))
    lone.advance(9_999)
    expect(lone.event('link-failed')).toBeUndefined()
    lone.advance(1)
    expect(lone.event('link-failed')).toMatchObject({ link: lone.link, error: { code: 'STT_LINK_FAILED' } })
    expect(lone.event('link-failed')!.error.message).toContain('30 s')
    expect(lone.session.state).toBe('active')
    const before = lone.polls
    lone.advance(10_000)
    expect(lone.eventsOf('link-failed')).toHaveLength(1)
    expect(lone.polls - before).toBeLessThan(5)

    const datagrams = new LoneSession('initiator', { options: { keepAlive: false } })
    datagrams.advance(20_000)
    datagrams.deliver(frames.padding(1))
    datagrams.advance(20_000)
    expect(datagrams.event('link-failed')).toBeUndefined()
    expect(datagrams.session.link).toBe(datagrams.link)
  })

  // spec: STT-PKT-44
  test('keeps its link while the oldest packet is another one each time, and loses it when only newer ones arrive', () => {
    const lone = new LoneSession('initiator', { kind: 'message', options: { keepAlive: false } })
    for (let i = 0; i < 8; i++) {
      lone.source.queue(1)
      lone.drive()
    }
    for (let number = 0; number < 4; number++) {
      lone.advance(29_000)
      lone.deliver(frames.ack(number, number))
    }
    expect(lone.event('link-failed')).toBeUndefined()
    for (let number = 7; number > 5; number--) {
      lone.advance(14_500)
      lone.deliver(frames.ack(number, number))
    }
    lone.advance(1_000)
    expect(lone.event('link-failed')).toBeDefined()
  })
})

describe('what the peer writes, in messages', () => {
  test('the reason of its CLOSE cannot write lines or terminal escapes into a log', () => {
    const lone = new LoneSession('initiator')
    const reason = 'bye\n2026-01-01 sshd: Accepted password for root\u001b[2J\u202e'
    lone.deliver(frames.close(true, 5, reason))
    const ended = lone.event('ended')!.reason
    expect(ended.reason).toBe(reason)
    expect(ended.error.message).toContain('bye\\u{a}2026-01-01')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    expect(ended.error.message).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e]/)
  })
})
