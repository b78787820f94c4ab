import { describe, expect, test } from 'vitest'
import { frames } from './frames.ts'
import { LoneSession } from './lone-session.ts'
import { limits } from './session-config.ts'

function confirmed(): LoneSession {
  const peerLimits = { ...limits, maxDatagram: 1_200 }
  const lone = new LoneSession('initiator', { peerLimits, options: { keepAlive: false, datagramQueue: 4 } })
  lone.deliver(frames.ack(0, 0))
  lone.takeSent()
  return lone
}

const outcomes = (lone: LoneSession): [number, string][] =>
  lone.eventsOf('datagram-settled').map(({ datagram, outcome }) => [datagram, outcome])

describe('datagrams', () => {
  test('one is acknowledged, one is lost, and each is settled once', () => {
    const lone = confirmed()
    expect(lone.session.sendDatagram(new Uint8Array(1_000))).toBe(0)
    expect(lone.session.sendDatagram(new Uint8Array(1_000))).toBe(1)
    lone.drive()
    expect(lone.takeFrames()).toEqual(['DATAGRAM 1000', 'DATAGRAM 1000'])
    lone.recovery!.loseOnAck = [1]
    lone.deliver(frames.ack(2, 2))
    expect(outcomes(lone)).toEqual([[1, 'acknowledged'], [0, 'lost']]) // biome-ignore format: one line
    lone.deliver(frames.ack(2, 1))
    expect(outcomes(lone)).toHaveLength(2)
  })

  // spec: STT-PKT-33
  test('none is ever sent again: not when it is lost, and not for a probe', () => {
    const lone = confirmed()
    lone.session.sendDatagram(new Uint8Array(10))
    lone.drive()
    lone.takeSent()
    lone.recovery!.probesWanted = 2
    lone.drive()
    expect(lone.takeFrames()).toEqual(['PING', 'PING'])
    expect(outcomes(lone)).toEqual([])
    lone.recovery!.loseOnAck = [1]
    lone.deliver(frames.ack(2, 2))
    lone.advance(1_000)
    expect(lone.takeFrames()).toEqual([])
    expect(outcomes(lone)).toEqual([[0, 'lost']])
  })

  test('a full queue drops its oldest: settled as expired, and counted', () => {
    const lone = confirmed()
    lone.recovery!.open = false
    for (let i = 0; i < 7; i++) lone.session.sendDatagram(new Uint8Array(1_000))
    lone.drive()
    expect(outcomes(lone)).toEqual([[0, 'expired'], [1, 'expired'], [2, 'expired']]) // biome-ignore format: one line
    expect(lone.session.getStatistics()).toMatchObject({ datagramsQueued: 4, datagramsExpired: 3 })
    lone.recovery!.open = true
    lone.drive()
    expect(lone.takeFrames()).toHaveLength(4)
  })

  test('the largest that fits is sent, one byte more is refused', () => {
    for (const [maxDatagram, expected] of [
      [65_535, 1_162],
      [500, 500],
    ] as const) {
      // biome-ignore format: one line
      const lone = new LoneSession('initiator', { peerLimits: { ...limits, maxDatagram } })
      expect(lone.session.maxDatagramSize).toBe(expected)
      expect(() => lone.session.sendDatagram(new Uint8Array(expected + 1))).toThrowError(
        expect.objectContaining({
          code: 'STT_DATAGRAM_TOO_LARGE',
          details: { maximum: expected, length: expected + 1 },
        }),
      )
      lone.session.sendDatagram(new Uint8Array(expected))
      lone.drive()
      expect(lone.takeFrames()).toContain(`DATAGRAM ${expected}`)
    }
  })

  test('a peer that allows none, or no link: not even an empty one', () => {
    const none = new LoneSession('initiator', { peerLimits: { ...limits, maxDatagram: 0 } })
    expect(none.session.maxDatagramSize).toBe(0)
    expect(() => none.session.sendDatagram(new Uint8Array(0))).toThrowError(
      expect.objectContaining({ code: 'STT_DATAGRAM_TOO_LARGE' }),
    )
    const unlinked = confirmed()
    unlinked.session.detach(unlinked.link, undefined, 0)
    expect(unlinked.session.maxDatagramSize).toBe(0)
  })

  test('the largest is sent while an ACK of many ranges waits: in a separate packet', () => {
    const lone = confirmed()
    for (let i = 0; i < 30; i++) {
      lone.peer.skipPacketNumber()
      lone.deliver(frames.padding(1))
    }
    lone.deliver(frames.stream(0, 1))
    lone.session.sendDatagram(new Uint8Array(1_100))
    lone.drive()
    const [ack, datagram] = lone.takeFrames()
    expect(ack).toMatch(/^ACK 61 60 58 58/)
    expect(datagram).toBe('DATAGRAM 1100')
  })

  test('even where one packet may leave at a time, each with such an ACK, and the streams always have more', () => {
    const lone = confirmed()
    const { recovery, peer } = lone
    const onPacketSent = recovery!.onPacketSent.bind(recovery)
    recovery!.onPacketSent = packet => {
      onPacketSent(packet)
      recovery!.open = false
    }
    lone.source.queue(1_000_000)
    lone.session.sendDatagram(new Uint8Array(1_160))
    for (let i = 0; i < 10; i++) {
      peer.skipPacketNumber()
      recovery!.open = true
      lone.deliver(frames.stream(i, 1))
    }
    expect(lone.takeFrames()).toContain('DATAGRAM 1160')
  })

  test('one that the path can no longer carry expires, and holds nothing up', () => {
    const lone = confirmed()
    lone.recovery!.open = false
    lone.session.sendDatagram(new Uint8Array(1_100))
    lone.session.sendDatagram(new Uint8Array(100))
    lone.drive()
    lone.recovery!.open = true
    lone.recovery!.packetSize = 600
    const before = lone.polls
    lone.drive()
    lone.advance(2_000)
    expect(lone.takeFrames()).toEqual(['DATAGRAM 100'])
    expect(outcomes(lone)).toEqual([[0, 'expired']])
    expect(lone.polls - before).toBeLessThan(10)
  })

  test('that one expired is told at once, also when nothing else is there to be sent', () => {
    const lone = confirmed()
    lone.session.sendDatagram(new Uint8Array(1_100))
    lone.recovery!.packetSize = 600
    lone.drive()
    expect(outcomes(lone)).toEqual([[0, 'expired']])
  })

  test('what is under way when the session ends is settled too', () => {
    const lone = confirmed()
    lone.session.sendDatagram(new Uint8Array(1))
    lone.drive()
    lone.recovery!.open = false
    lone.session.sendDatagram(new Uint8Array(1))
    lone.advance(30_000)
    expect(outcomes(lone)).toEqual([[0, 'lost'], [1, 'expired']]) // biome-ignore format: one line
    expect(lone.events.at(-1)).toEqual({ type: 'closed' })
  })

  test('what arrives is the receiver’s own copy', () => {
    const lone = confirmed()
    lone.deliver(frames.datagram(5))
    lone.deliver(frames.datagram(0))
    expect(lone.eventsOf('datagram').map(({ data }) => data)).toEqual([new Uint8Array(5), new Uint8Array(0)])
  })

  // spec: STT-PKT-33
  test('one above this side’s limit ends the session; so does any where none is allowed', () => {
    const lone = confirmed()
    lone.deliver(frames.datagram(1_100))
    expect(lone.session.state).toBe('active')
    lone.deliver(frames.datagram(1_101))
    expect(lone.event('ended')?.reason).toMatchObject({ by: 'violation', code: 10 })
    const none = new LoneSession('responder', { localLimits: { ...limits, maxDatagram: 0 } })
    none.deliver(frames.datagram(0))
    expect(none.event('ended')?.reason).toMatchObject({ by: 'violation', code: 10 })
  })
})
