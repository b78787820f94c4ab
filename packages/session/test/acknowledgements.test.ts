import { describe, expect, test } from 'vitest'
import { frames } from './frames.ts'
import { LoneSession } from './lone-session.ts'

describe('what the session acknowledges', () => {
  // spec: STT-PKT-16
  test('datagram link: after 25 ms, or with the second packet', () => {
    const lone = new LoneSession('responder')
    lone.deliver(frames.stream(0, 10))
    expect(lone.takeFrames()).toEqual([])
    lone.advance(24)
    expect(lone.takeFrames()).toEqual([])
    lone.advance(1)
    expect(lone.takeFrames()).toEqual(['ACK 0 0'])
    lone.deliver(frames.stream(10, 10))
    lone.deliver(frames.stream(20, 10))
    expect(lone.takeFrames()).toEqual(['ACK 2 0'])
  })

  // spec: STT-PKT-16
  test('message link: after 100 ms, or with 512 KiB', () => {
    const lone = new LoneSession('responder', { kind: 'message' })
    for (let i = 0; i < 8; i++) lone.deliver(frames.stream(i * 65_000, 65_000))
    lone.advance(99)
    expect(lone.takeFrames()).toEqual([])
    lone.advance(1)
    expect(lone.takeFrames()).toEqual(['ACK 7 0'])
    for (let i = 8; i < 17; i++) lone.deliver(frames.stream(i * 65_000, 65_000))
    expect(lone.takeFrames()).toEqual(['ACK 16 0'])
  })

  // spec: STT-PKT-16
  test.each([
    ['FIN', frames.stream(0, 1, true)],
    ['RESET', Uint8Array.of(4, 0, 0, 0)],
    ['PING', frames.ping()],
    ['HANDSHAKE_DONE', frames.handshakeDone()],
  ])('%s at once, on every link', (_, frame) => {
    for (const kind of ['datagram', 'message'] as const) {
      const lone = new LoneSession('responder', { kind })
      lone.deliver(frame)
      expect(lone.takeFrames().join()).toContain('ACK 0 0')
    }
  })

  // spec: STT-FRM-7 STT-PKT-16
  test.each([
    ['PADDING', frames.padding(5)],
    ['PATH_CHALLENGE', frames.challenge(1)],
    ['PATH_RESPONSE', frames.response(1)],
    ['JOIN and PATH_CHALLENGE', frames.join(frames.joinLink(1), frames.challenge(1))],
  ])('%s gets no acknowledgement, alone; beside what asks for one it makes none come sooner', (_, frame) => {
    for (const kind of ['datagram', 'message'] as const) {
      const lone = new LoneSession('responder', { kind })
      for (let i = 0; i < 3; i++) lone.deliver(frame)
      lone.advance(1_000)
      expect(lone.takeFrames().join()).not.toContain('ACK')
      lone.deliver(frames.join(frame, frames.stream(0, 10)))
      expect(lone.takeFrames().join()).not.toContain('ACK')
      lone.advance(100)
      expect(lone.takeFrames()).toEqual(['ACK 3 0'])
    }
  })

  test('an ACK rides along with data, and is not sent twice', () => {
    const lone = new LoneSession('responder')
    lone.deliver(frames.stream(0, 10))
    lone.source.queue(50)
    lone.drive()
    expect(lone.takeFrames()).toEqual(['ACK 0 0, STREAM 0 0+50'])
    lone.advance(100)
    expect(lone.takeFrames()).toEqual([])
  })

  test('a packet that arrives twice is acknowledged once', () => {
    const lone = new LoneSession('responder')
    const packet = lone.packet(frames.ping())
    lone.receive(packet)
    lone.takeFrames()
    lone.receive(packet)
    lone.advance(1_000)
    expect(lone.takeFrames()).toEqual([])
    expect(lone.session.getStatistics().packetsDropped.duplicate).toBe(1)
  })
})

describe('what the session learns from ACKs', () => {
  test('HANDSHAKE_DONE goes out first, and again until it is acknowledged', () => {
    const lone = new LoneSession('initiator')
    expect(lone.takeFrames()).toEqual(['HANDSHAKE_DONE'])
    lone.recovery!.loseOnAck = [0]
    lone.recovery!.deadline = 500
    lone.drive()
    lone.advance(500)
    expect(lone.takeFrames()).toEqual(['HANDSHAKE_DONE'])
    lone.deliver(frames.ack(1, 1))
    expect(lone.session.getStatistics().packetsOutstanding).toBe(0)
  })

  test('a PING is answered with its round-trip time, once, also when its first copy was believed lost', () => {
    const lone = new LoneSession('initiator')
    lone.deliver(frames.ack(0, 0))
    expect(lone.session.ping()).toBe(0)
    expect(lone.session.ping()).toBe(1)
    lone.drive()
    lone.advance(40)
    lone.recovery!.loseOnAck = [1]
    lone.recovery!.deadline = 40
    lone.drive()
    lone.advance(20)
    lone.deliver(frames.ack(1, 1))
    lone.deliver(frames.ack(2, 1))
    expect(lone.eventsOf('pong')).toEqual([
      { type: 'pong', ping: 0, rtt: 60 },
      { type: 'pong', ping: 1, rtt: 60 },
    ])
  })

  // spec: STT-PKT-17
  test('an ACK of a number that was never sent ends the session', () => {
    const lone = new LoneSession('initiator')
    lone.takeSent()
    lone.deliver(frames.ack(5, 0))
    expect(lone.takeFrames()).toEqual(['CLOSE protocol 9 the peer acknowledged a packet that was never sent'])
    expect(lone.event('ended')?.reason).toMatchObject({ by: 'violation', code: 9, error: { code: 'STT_PROTOCOL' } })
  })

  // spec: STT-PKT-18
  test('an ACK of a number that was left out ends the session', () => {
    const lone = new LoneSession('initiator', { entropy: length => new Uint8Array(length) })
    lone.source.queue(600 * 1_100)
    lone.drive()
    const numbers = lone.takeSent().map(({ packetNumber }) => packetNumber)
    const skipped = numbers.findIndex((number, index) => number !== index)
    expect(skipped).toBe(512)
    lone.deliver(frames.ack(numbers.at(-1)!, 513, 511, 0))
    expect(lone.session.state).toBe('active')
    lone.deliver(frames.ack(numbers.at(-1)!, 0))
    expect(lone.event('ended')?.reason).toMatchObject({ by: 'violation', code: 9 })
  })

  test('the peer’s ACK of our ACK shortens the next one', () => {
    const lone = new LoneSession('responder')
    lone.deliver(frames.stream(0, 1))
    lone.peer.skipPacketNumber()
    lone.deliver(frames.stream(1, 1))
    lone.source.queue(10)
    lone.drive()
    expect(lone.takeFrames()).toEqual(['ACK 2 2 0 0', 'STREAM 0 0+10'])
    lone.source.queue(10)
    lone.deliver(frames.ping())
    expect(lone.takeFrames()).toEqual(['ACK 3 2 0 0, STREAM 0 10+10'])
    lone.deliver(frames.join(frames.ack(2, 0), frames.ping()))
    expect(lone.takeFrames()).toEqual(['ACK 4 2'])
  })
})
