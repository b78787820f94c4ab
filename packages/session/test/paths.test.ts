import { describe, expect, test } from 'vitest'
import { frames } from './frames.ts'
import { deadLink } from './links.ts'
import { LoneSession } from './lone-session.ts'
import { ScriptedRecovery } from './scripted-recovery.ts'

const entropy = (length: number): Uint8Array => new Uint8Array(length).fill(0x7f)

function confirmed(role: 'initiator' | 'responder' = 'responder'): LoneSession {
  const lone = new LoneSession(role, { entropy, options: { keepAlive: false } })
  lone.deliver(role === 'responder' ? frames.handshakeDone() : frames.ack(0, 0))
  lone.takeSent()
  return lone
}

describe('the peer’s address changes', () => {
  // spec: STT-PKT-35 STT-PKT-36 STT-PKT-37
  test('both addresses are asked, data keeps to the old one, and moves when the answer comes from the new one', () => {
    const lone = confirmed()
    const moved = deadLink('datagram')
    lone.deliver(frames.join(frames.stream(0, 1), frames.padding(1_000)), moved)
    expect(lone.session.getPaths()).toMatchObject([{ state: 'active' }, { link: moved, state: 'validating' }])
    const asked = lone.takeSent()
    expect(asked.map(({ link, frames: [frame] }) => [link, frame])).toEqual([
      [lone.link, 'PATH_CHALLENGE 127'],
      [moved, 'PATH_CHALLENGE 127'],
    ])
    expect(asked.map(({ size }) => size)).toEqual([42, 1_200])

    lone.source.queue(50)
    lone.drive()
    expect(lone.takeSent().every(({ link }) => link === lone.link)).toBe(true)
    lone.deliver(frames.response(127), lone.link)
    expect(lone.event('path-changed')).toBeUndefined()
    expect(lone.session.link).toBe(lone.link)
    lone.takeSent()
    lone.deliver(frames.response(127), moved)
    expect(lone.event('path-changed')).toEqual({
      type: 'path-changed',
      link: moved,
      from: lone.link,
      reason: 'rebound',
    })
    expect(lone.session.links).toEqual([moved, lone.link])
    expect(lone.session.getPaths()).toMatchObject([{ state: 'active' }, { state: 'standby' }])

    const sent = lone.takeSent()
    expect(sent.map(({ link }) => link === moved)).toEqual([true])
    expect(sent[0]!.frames.join()).toContain('STREAM 0 0+50')
    expect(lone.session.link).toBe(moved)
  })

  // spec: STT-PKT-35
  test('a packet that one about a path has overtaken still says where the peer is', () => {
    const lone = confirmed()
    const other = deadLink('datagram')
    lone.deliver(frames.join(frames.challenge(1), frames.padding(1_000)), other)
    lone.deliver(frames.response(127), other)
    const ping = lone.packet(frames.ping())
    lone.deliver(frames.join(frames.challenge(2), frames.padding(1_000)))
    lone.receive(ping, other)
    expect(lone.session.link).toBe(other)
    // And one that is older than what came from there moves nothing back.
    const old = lone.packet(frames.ping())
    lone.deliver(frames.ping(), other)
    lone.advance(1_000)
    lone.receive(old)
    expect(lone.session.link).toBe(other)
  })

  // spec: STT-PKT-35
  test('a late packet from another address causes no challenge; one about paths alone causes one, and no move', () => {
    const lone = confirmed()
    const late = lone.packet(frames.stream(0, 1))
    lone.deliver(frames.stream(1, 1))
    lone.advance(100)
    lone.takeSent()
    lone.receive(late, deadLink('datagram'))
    expect(lone.takeFrames().join()).not.toContain('CHALLENGE')
    const standby = deadLink('datagram')
    lone.deliver(frames.join(frames.challenge(1), frames.padding(1_000)), standby)
    expect(lone.takeSent().map(({ link, frames: [frame] }) => [link === standby, frame])).toEqual([
      [true, 'PATH_RESPONSE 1'],
      [true, 'PATH_CHALLENGE 127'],
    ])
    lone.deliver(frames.response(127), standby)
    lone.source.queue(10)
    lone.drive()
    expect(lone.takeSent().map(({ link }) => link)).toEqual([lone.link])
    // It is proved: what says where the peer is moves the session at once.
    lone.deliver(frames.ping(), standby)
    expect(lone.takeSent().map(({ link }) => link)).toEqual([standby])
  })

  // spec: STT-PKT-36
  test('a small packet from a new address is answered with three times its bytes at most', () => {
    const lone = confirmed()
    const moved = deadLink('datagram')
    lone.deliver(frames.ping(), moved)
    lone.advance(5_000)
    const size = lone.takeSent().reduce((sum, sent) => (sent.link === moved ? sum + sent.size : sum), 0)
    expect(size).toBeGreaterThan(0)
    expect(size).toBeLessThanOrEqual(3 * 34)
  })

  test('an address that never answers is asked three times and forgotten', () => {
    const lone = confirmed()
    const moved = deadLink('datagram')
    lone.deliver(frames.join(frames.ping(), frames.padding(1_100)), moved)
    lone.advance(20_000)
    const challenges = lone.takeSent().filter(({ link }) => link === moved)
    expect(challenges.map(({ at }) => at)).toEqual([0, 500, 1_000])
    expect(lone.session.link).toBe(lone.link)
    expect(lone.session.state).toBe('active')
  })

  test('an initiator does not follow its peer', () => {
    const lone = confirmed('initiator')
    lone.deliver(frames.ping(), deadLink('datagram'))
    expect(lone.takeSent().every(({ link }) => link === lone.link)).toBe(true)
  })

  // spec: STT-PKT-34
  test('a challenge is answered where it came from, with the bytes it had', () => {
    const lone = confirmed('initiator')
    const other = deadLink('datagram')
    lone.deliver(frames.join(frames.challenge(5), frames.padding(100)), other)
    const answer = lone.takeSent().find(({ link }) => link === other)
    expect(answer).toMatchObject({ frames: ['PATH_RESPONSE 5'], size: 142 })
  })
})

describe('sending on a path', () => {
  test('what the recovery does not let out waits for it, and the session sleeps until then', () => {
    const lone = confirmed('initiator')
    lone.recovery!.open = false
    lone.recovery!.opensAt = 250
    lone.source.queue(100)
    lone.drive()
    lone.advance(249)
    expect(lone.takeFrames()).toEqual([])
    expect(lone.polls).toBeLessThan(12)
    lone.recovery!.open = true
    lone.advance(1)
    expect(lone.takeFrames()).toEqual(['STREAM 0 0+100'])
  })

  test('an ACK leaves although the window is full', () => {
    const lone = confirmed('initiator')
    lone.recovery!.open = false
    lone.source.queue(100)
    lone.deliver(frames.ping())
    expect(lone.takeFrames()).toEqual(['ACK 1 0'])
  })

  test('the recovery hears when there was nothing more to send, and not while something is held back', () => {
    const lone = confirmed('initiator')
    const heard = lone.recovery!.applicationLimited
    lone.source.queue(100)
    lone.drive()
    expect(lone.recovery!.applicationLimited).toBeGreaterThan(heard)
    const before = lone.recovery!.applicationLimited
    lone.recovery!.open = false
    lone.source.queue(100)
    lone.drive()
    expect(lone.recovery!.applicationLimited).toBe(before)
  })

  test('a probe carries the oldest frames again, the next probe the next, whatever the window says', () => {
    const lone = confirmed('initiator')
    lone.source.queue(2_000)
    lone.drive()
    expect(lone.takeFrames()).toEqual(['STREAM 0 0+1162', 'STREAM 0 1162+838'])
    lone.recovery!.open = false
    lone.recovery!.probesWanted = 2
    lone.drive()
    expect(lone.takeFrames()).toEqual(['PING, STREAM 0 0+1161', 'PING, STREAM 0 1161+1, STREAM 0 1162+838'])
    expect(lone.recovery!.probesWanted).toBe(0)
    lone.advance(2_000)
    expect(lone.takeFrames()).toEqual([])
  })

  test('a probe is a PING alone when nothing can be sent again', () => {
    const lone = confirmed('initiator')
    lone.recovery!.open = false
    lone.recovery!.probesWanted = 1
    lone.drive()
    expect(lone.takeFrames()).toEqual(['PING'])
  })

  test('a source that promises frames and writes none does not make the session spin', () => {
    const lone = confirmed('initiator')
    lone.source.hasFrames = () => true
    const before = lone.polls
    lone.drive()
    lone.advance(10_000)
    expect(lone.polls - before).toBeLessThan(10)
  })

  test('a link that takes no more gets nothing until it drains, and timers go on', () => {
    const lone = confirmed('initiator')
    lone.session.setWritable(lone.link, false)
    lone.source.queue(100)
    lone.deliver(frames.ping())
    lone.advance(1_000)
    expect(lone.takeFrames()).toEqual([])
    expect(lone.polls).toBeLessThan(12)
    lone.session.setWritable(lone.link, true)
    lone.drive()
    expect(lone.takeFrames()).toEqual(['ACK 1 0, PING, STREAM 0 0+100'])
    lone.session.setWritable(lone.link, false)
    lone.advance(40_000)
    expect(lone.session.state).toBe('closed')
  })

  // spec: STT-REC-31
  test('a probe for larger datagrams is PING and PADDING of its size, and nothing is sent again for its loss', () => {
    const lone = new LoneSession('initiator', {
      entropy,
      options: { keepAlive: false },
      maxPacketSize: 1_452,
    })
    lone.recovery!.sizeWanted = 1_452
    lone.drive()
    expect(lone.takeSent().map(({ size }) => size)).toEqual([34])
    lone.deliver(frames.ack(0, 0))
    const [probe, ...others] = lone.takeSent().filter(({ size }) => size > 1_000)
    expect(probe).toMatchObject({ size: 1_452, frames: ['PING'] })
    expect(others).toEqual([])
    expect(lone.recovery!.sent.at(-1)).toMatchObject({ packetNumber: probe!.packetNumber, size: 1_452, frames: [] })
    lone.recovery!.loseOnAck = [probe!.packetNumber]
    lone.deliver(frames.join(frames.ping(), frames.ack(0, 0)))
    lone.recovery!.deadline = 0
    lone.drive()
    expect(lone.session.getStatistics()).toMatchObject({ packetsLost: 1, framesResent: 0 })
    expect(lone.takeFrames()).toEqual(['ACK 1 0'])
  })

  // spec: STT-REC-31
  test('no such probe leaves before the window has room, above what the link takes, or from a session that closes', () => {
    const lone = confirmed('initiator')
    lone.recovery!.sizeWanted = 1_452
    lone.deliver(frames.ping())
    expect(lone.takeFrames()).toEqual(['ACK 1 0'])
    const wide = new LoneSession('initiator', {
      entropy,
      options: { keepAlive: false },
      maxPacketSize: 1_452,
    })
    wide.deliver(frames.ack(0, 0))
    wide.recovery!.sizeWanted = 1_452
    wide.recovery!.open = false
    wide.recovery!.opensAt = 250
    wide.drive()
    wide.advance(249)
    expect(wide.takeFrames()).toEqual(['HANDSHAKE_DONE'])
    wide.source.queue(100)
    wide.session.close({ app: true, code: 0, reason: '', deadline: 1_000 }, wide.loop.now)
    wide.recovery!.open = true
    wide.advance(1)
    expect(wide.takeFrames()).toEqual(['STREAM 0 0+100'])
  })

  test('a stall is told to the recovery of the path', () => {
    const lone = confirmed('initiator')
    lone.session.onStall(77)
    expect(lone.recovery!.stalls).toEqual([77])
  })

  // spec: STT-PKT-19
  test('on a message link nothing is ever sent again while the link lives', () => {
    const lone = new LoneSession('initiator', { kind: 'message', options: { keepAlive: false } })
    lone.source.queue(300_000)
    lone.drive()
    lone.takeSent()
    lone.advance(29_999)
    // It only asks whether the link still works.
    expect(new Set(lone.takeFrames())).toEqual(new Set(['PING']))
    expect(lone.source.lost).toEqual([])
  })

  // spec: STT-PKT-19
  test('what one link leaves behind goes over the next, and no congestion is to blame', () => {
    const lone = confirmed('initiator')
    lone.source.queue(2_000)
    lone.drive()
    lone.takeSent()
    const recovery = new ScriptedRecovery()
    const next = deadLink('datagram', 1_200, recovery)
    lone.session.attach(next)
    lone.drive()
    const again = lone.takeSent()
    expect(again.map(({ link }) => link === next)).toEqual([true, true])
    lone.deliver(frames.ack(again.at(-1)!.packetNumber, 1), next)
    expect(lone.session.getStatistics()).toMatchObject({ packetsOutstanding: 0, packetsLost: 0, framesResent: 2 })
    expect([lone.recovery!.losses, recovery.losses]).toEqual([0, 0])
    expect(recovery.acknowledged).toEqual([again.map(({ packetNumber }) => packetNumber)])
  })
})

test('statistics are a frozen snapshot', () => {
  const lone = confirmed('initiator')
  lone.source.queue(100)
  lone.drive()
  const before = lone.session.getStatistics()
  expect(before).toMatchObject({
    state: 'active',
    packetsSent: 2,
    packetsReceived: 1,
    framesSent: 2,
    framesReceived: 1,
    framesResent: 0,
    packetsOutstanding: 1,
    rtt: 0,
    path: { maxDatagramSize: 1_200 },
  })
  expect([before, before.packetsDropped, before.path].every(Object.isFrozen)).toBe(true)
  lone.deliver(frames.ack(1, 1))
  expect(before.packetsReceived).toBe(1)
  expect(lone.session.getStatistics().packetsReceived).toBe(2)
  expect(new LoneSession('initiator', { kind: 'message' }).session.getStatistics().path).toBeUndefined()
})
