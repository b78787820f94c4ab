import type { Link } from '@stt/frame'
import { describe, expect, test } from 'vitest'
import { frames } from './frames.ts'
import { deadLink } from './links.ts'
import { LoneSession, type Sent } from './lone-session.ts'
import { ScriptedRecovery } from './scripted-recovery.ts'

let drawn = 0
const entropy = (length: number): Uint8Array => new Uint8Array(length).fill(++drawn % 251)

interface Handover {
  readonly lone: LoneSession
  readonly next: Link
  readonly nextRecovery: ScriptedRecovery
}

/** A session with a second link that has proved itself, worse than the first: it goes there when it is asked to. */
function prepared(overrides: ConstructorParameters<typeof LoneSession>[1] = {}): Handover {
  const lone = new LoneSession('initiator', { entropy, options: { keepAlive: false }, ...overrides })
  lone.deliver(frames.ack(0, 0))
  const nextRecovery = new ScriptedRecovery()
  const next = deadLink('datagram', 1_200, nextRecovery)
  lone.session.addPath(next, 3, lone.loop.now)
  lone.drive()
  prove(lone, next)
  lone.takeSent()
  return { lone, next, nextRecovery }
}

/** Answers what is asked over `link`, twice. */
function prove(lone: LoneSession, link: Link): void {
  for (let i = 0; i < 2; i++) {
    for (const sent of lone.takeSent()) {
      const byte = Number(/PATH_CHALLENGE (\d+)/.exec(sent.frames.join())?.[1])
      if (sent.link === link && byte >= 0) lone.deliver(frames.response(byte), link)
    }
  }
}

const notAboutPaths = (lone: LoneSession): Sent[] =>
  lone.takeSent().filter(sent => !sent.frames.join().includes('PATH_'))

const numbers = (lone: LoneSession, what = 'STREAM'): number[] =>
  lone
    .takeSent()
    .filter(sent => sent.frames.join().includes(what))
    .map(({ packetNumber }) => packetNumber)

describe('a session that goes over another path', () => {
  // spec: STT-PKT-19 STT-PKT-20
  test('sends nothing again while what it sent on the old one may arrive; acknowledgements over the new one settle it with the old controller', () => {
    const { lone, next, nextRecovery } = prepared()
    lone.source.queue(5_000)
    lone.drive()
    const old = numbers(lone)
    expect(old).toHaveLength(5)
    lone.session.moveTo(next, lone.loop.now)
    lone.drive()
    const [ping] = notAboutPaths(lone)
    expect(ping).toMatchObject({ link: next, frames: ['PING'] })
    expect(lone.session.getPaths().map(({ state }) => state)).toEqual(['active', 'draining'])
    lone.advance(200)
    const samples = lone.recovery!.rtt.smoothed
    lone.deliver(frames.ack(ping!.packetNumber, old[0]!), next)
    expect(lone.recovery!.acknowledged.at(-1)).toEqual(old)
    expect(nextRecovery.acknowledged).toEqual([[ping!.packetNumber]])
    // It came over the new path: of the old one it tells no round trip.
    expect(lone.recovery!.rtt.smoothed).toBe(samples)
    expect(nextRecovery.rtt.known).toBe(true)
    expect(lone.session.getPaths().map(({ state }) => state)).toEqual(['active', 'standby'])
    lone.advance(2_000)
    expect(lone.source.lost).toEqual([])
    expect(lone.session.getStatistics()).toMatchObject({ framesResent: 0, packetsLost: 0 })
  })

  // spec: STT-PKT-19
  test('sends it again when three PTO have passed without an acknowledgement, and no congestion is to blame', () => {
    const { lone, next, nextRecovery } = prepared()
    lone.source.queue(1_000)
    lone.drive()
    expect(numbers(lone)).toHaveLength(1)
    lone.session.moveTo(next, lone.loop.now)
    lone.drive()
    lone.advance(299)
    expect(numbers(lone)).toEqual([])
    lone.advance(1)
    expect(numbers(lone)).toHaveLength(1)
    expect([lone.recovery!.losses, nextRecovery.losses]).toEqual([0, 0])
    expect(lone.session.getStatistics().packetsLost).toBe(0)
  })

  // spec: STT-PKT-19
  test.each([
    ['its probe timer has fired', (lone: LoneSession): void => void (lone.recovery!.probesInARow = 1)],
    ['it is closed', (lone: LoneSession): void => lone.session.detach(lone.link, undefined, lone.loop.now)],
  ])('sends it again at once where %s', (_why, happen) => {
    const { lone, next } = prepared()
    lone.source.queue(1_000)
    lone.drive()
    expect(numbers(lone)).toHaveLength(1)
    happen(lone)
    if (lone.session.link !== next) lone.session.moveTo(next, lone.loop.now)
    lone.drive()
    const again = notAboutPaths(lone)
    expect(again.map(({ link }) => link)).toEqual([next])
    expect(again[0]!.frames.join()).toContain('STREAM 0 0+1000')
  })

  // spec: STT-PKT-10
  test('starts no epoch before the path that it left has drained', () => {
    const { lone, next } = prepared()
    lone.source.queue(1_000)
    lone.drive()
    lone.takeSent()
    lone.session.moveTo(next, lone.loop.now)
    lone.session.rotateKeys()
    lone.drive()
    lone.deliver(frames.ack(...ackOf(lone)), next)
    lone.advance(299)
    expect(lone.session.getStatistics().sendEpoch).toBe(0)
    expect(lone.session.getPaths().map(({ state }) => state)).toContain('draining')
    lone.advance(1_000)
    lone.source.queue(10)
    lone.drive()
    expect(lone.session.getStatistics().sendEpoch).toBe(1)
  })

  // spec: STT-PKT-24
  test('says CLOSE over every path that was proved, once each', () => {
    const { lone, next } = prepared()
    const unproved = deadLink('message')
    lone.session.addPath(unproved, 3, lone.loop.now)
    lone.drive()
    lone.takeSent()
    lone.session.close({ app: true, code: 7, reason: '', deadline: 1_000 }, lone.loop.now)
    lone.drive()
    const sent = lone.takeSent().filter(each => each.frames.join().includes('CLOSE'))
    expect(sent.map(({ link }) => link)).toEqual([next, lone.link])
    expect(sent.every(({ frames: list }) => list.includes('CLOSE app 7'))).toBe(true)
    expect(new Set(sent.map(({ packetNumber }) => packetNumber)).size).toBe(2)
  })

  // spec: STT-PKT-22
  test('on a message link, an epoch without a key ends the link only where that is in use', () => {
    const lone = new LoneSession('initiator', { kind: 'message', entropy, options: { keepAlive: false } })
    lone.deliver(frames.ack(0, 0))
    const next = deadLink('message')
    lone.session.addPath(next, 3, lone.loop.now)
    lone.drive()
    prove(lone, next)
    // Two generations ahead: no key of this side opens it.
    const early = lone.packet(frames.ping())
    early[0]! ^= 0x20
    lone.receive(early, next)
    expect(lone.event('link-failed')).toBeUndefined()
    lone.receive(early, lone.link)
    expect(lone.event('link-failed')).toMatchObject({ link: lone.link })
  })
})

/** Everything that the session sent, as ranges of an ACK. */
function ackOf(lone: LoneSession): [number, number] {
  const last = lone.takeSent().at(-1)!.packetNumber
  return [last, last]
}
