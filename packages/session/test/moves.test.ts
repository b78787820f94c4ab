import type { Link } from '@stt/frame'
import { forEachSeed, type LinkKind, type LinkPair, linkPair } from '@stt/testing'
import { describe, expect, test } from 'vitest'
import { Tier } from '../src/index.ts'
import { frames } from './frames.ts'
import { deadLink } from './links.ts'
import { LoneSession } from './lone-session.ts'
import { createRecovery, type SessionPair, sessionPair } from './lossy/session-pair.ts'

const KINDS = ['datagram', 'message'] as const
const PAIRS = KINDS.flatMap(from => KINDS.map(to => [from, to] as const))
const BYTES = 300_000
const DELAY = { toServer: { delay: 15 }, toClient: { delay: 15 } }
const entropy = (length: number): Uint8Array => new Uint8Array(length).fill(0x7f)

/** Another network beside the pair's; what comes out of it reaches the two sessions. */
function another({ pair, initiator, responder }: SessionPair, kind: LinkKind, seed: number): LinkPair {
  const { loop } = pair
  const made = linkPair({ seed: seed + 1_000, kind, loop, ...DELAY, ...(kind === 'datagram' && { createRecovery }) })
  initiator.listen(made.client)
  responder.listen(made.server)
  return made
}

const typesOf = (end: { readonly events: readonly { readonly type: string }[] }): string[] =>
  end.events.map(({ type }) => type).filter(type => type.startsWith('path-'))

describe.each(PAIRS)('from a %s link to a %s link', (from, to) => {
  // spec: STT-PKT-35 STT-PKT-37 STT-PKT-48
  test('a packet over the second link reaches the session; both move there, and back, and not a byte is lost', async () => {
    await forEachSeed(3, async seed => {
      const sessions = sessionPair({ seed, kind: from, ...DELAY })
      const { pair, initiator, responder, ends } = sessions
      const { loop } = pair
      for (const { source } of ends) source.queue(BYTES)
      for (const end of ends) end.drive()
      loop.runUntil(100)

      const second = another(sessions, to, seed)
      initiator.session.addPath(second.client, from === 'datagram' ? Tier.Datagram : Tier.Message, loop.now)
      initiator.drive()
      expect(initiator.session.link).toBe(pair.client)
      loop.runUntil(200)
      expect(typesOf(initiator)).toEqual(['path-opened', 'path-validated'])
      expect(responder.session.link).toBe(pair.server)

      for (const [client, server] of [
        [second.client, second.server],
        [pair.client, pair.server],
      ] as const) {
        initiator.session.moveTo(client, loop.now)
        for (const { source } of ends) source.queue(BYTES)
        for (const end of ends) end.drive()
        loop.runUntil(loop.now + 500)
        expect([initiator.session.link, responder.session.link]).toEqual([client, server])
      }
      loop.runUntil(loop.now + 20_000)
      expect(ends.map(({ source }) => source.received)).toEqual([3 * BYTES, 3 * BYTES])
      expect(ends.map(({ session }) => session.state)).toEqual(['active', 'active'])
    })
  })

  // spec: STT-PKT-36 STT-PKT-37
  test('copies of the peer’s packets over such a link move nothing', () => {
    const sessions = sessionPair({ seed: 1, kind: from, ...DELAY })
    const { pair, initiator, responder, ends } = sessions
    const second = another(sessions, to, 1)
    // The attacker hears what is sent to it, and says it all again.
    second.client.onPacket = packet => void second.client.send(packet)
    const send = pair.client.send.bind(pair.client)
    let sent = 0
    pair.client.send = packet => {
      if (packet.length <= second.client.maxPacketSize) second.client.send(packet)
      sent += packet.length
      return send(packet)
    }
    for (const { source } of ends) source.queue(BYTES)
    for (const end of ends) end.drive()
    pair.loop.runUntil(20_000)
    expect(ends.map(({ source }) => source.received)).toEqual([BYTES, BYTES])
    expect([initiator.session.link, responder.session.link]).toEqual([pair.client, pair.server])
    expect(second.toClient.counters.bytesDelivered).toBeLessThanOrEqual(3 * sent)
    expect(responder.session.links.length).toBeLessThanOrEqual(4)
  })

  // spec: STT-PKT-49
  test('a link without an answer is given up, and the session stays where it is', () => {
    const sessions = sessionPair({ seed: 1, kind: from, ...DELAY })
    const { pair, initiator } = sessions
    const dead = deadLink(to)
    let closed = 0
    dead.close = () => void closed++
    initiator.session.addPath(dead, undefined, 0)
    initiator.drive()
    const moving = (): void => initiator.session.moveTo(dead, pair.loop.now)
    expect(moving).toThrow(expect.objectContaining({ code: 'STT_INVALID_STATE' }))
    pair.loop.runUntil(20_000)
    expect(typesOf(initiator)).toEqual(['path-opened', 'path-closed'])
    expect(closed).toBe(to === 'message' ? 1 : 0)
    expect(initiator.session.links).toEqual([pair.client])
    expect(moving).toThrow(expect.objectContaining({ code: 'STT_INVALID_STATE' }))
  })

  // spec: STT-PKT-32
  test('when the link ends the session goes on over the other, if that was proved', () => {
    const sessions = sessionPair({ seed: 1, kind: from, ...DELAY })
    const { pair, initiator, responder, ends } = sessions
    const second = another(sessions, to, 1)
    initiator.session.addPath(second.client, undefined, pair.loop.now)
    initiator.drive()
    pair.loop.runUntil(100)
    for (const [{ session }, link] of [
      [initiator, pair.client],
      [responder, pair.server],
    ] as const) {
      session.detach(link, new Error('cut'), pair.loop.now)
    }
    pair.toServer.send = pair.toClient.send = () => {}
    for (const { source } of ends) source.queue(BYTES)
    for (const end of ends) end.drive()
    pair.loop.runUntil(10_000)
    expect(initiator.session.link).toBe(second.client)
    expect(responder.session.link).toBe(second.server)
    expect(ends.map(({ session, source }) => [session.state, source.received])).toEqual([
      ['active', BYTES],
      ['active', BYTES],
    ])
  })
})

describe('links beside the active one', () => {
  const responding = (): LoneSession => {
    const lone = new LoneSession('responder', { entropy, options: { keepAlive: false } })
    lone.deliver(frames.handshakeDone())
    lone.takeSent()
    return lone
  }

  // spec: STT-REC-51
  test('of ever new addresses one is kept; of links with a connection six, and those that proved nothing make room', () => {
    const lone = responding()
    const closed: Link[] = []
    for (let i = 0; i < 100; i++) lone.deliver(frames.ping(), deadLink('datagram'))
    expect(lone.session.links).toHaveLength(2)
    for (let i = 1; i <= 100; i++) lone.deliver(frames.join(frames.joinLink(i), frames.ping()), deadLink('message'))
    for (const event of lone.eventsOf('path-closed')) closed.push(event.link)
    expect(lone.session.links).toHaveLength(7)
    expect(closed).toHaveLength(200 - 6)
    expect(lone.session.link).toBe(lone.link)
  })

  // spec: STT-REC-50
  test('a link that a listener makes anew for each packet is the one before, where it leads to the same address', () => {
    const lone = responding()
    const again = (like: Link): Link => ({ ...deadLink('datagram'), isSame: other => other === like })
    lone.link.isSame = () => true
    for (let i = 0; i < 10; i++) lone.deliver(frames.ping(), again(lone.link))
    expect(lone.session.links).toEqual([lone.link])
    expect(lone.takeFrames().join()).not.toContain('CHALLENGE')
  })

  // spec: STT-PKT-32
  test('the session ends with the last of its links, and asks over the one that is left meanwhile', () => {
    const lone = new LoneSession('responder', { kind: 'message', entropy, options: { keepAlive: false } })
    lone.deliver(frames.handshakeDone())
    const other = deadLink('message')
    lone.takeSent()
    lone.deliver(frames.joinLink(1), other)
    lone.session.detach(lone.link, new Error('cut'), lone.loop.now)
    lone.deliver(frames.ping(), other)
    expect(lone.session.link).toBeUndefined()
    expect(lone.takeSent().map(({ link, frames: [frame] }) => [link === other, frame])).toEqual([
      [true, 'PATH_CHALLENGE 127'],
    ])
    lone.session.detach(other, new Error('cut too'), lone.loop.now)
    lone.drive()
    expect(lone.session.state).toBe('active')
    lone.advance(30_000)
    expect(lone.event('ended')?.reason).toMatchObject({ by: 'link' })
  })

  test('a responder opens none, and neither does a session without entropy', () => {
    expect(() => responding().session.addPath(deadLink('message'), undefined, 0)).toThrow(/follows its peer/)
    const blind = new LoneSession('initiator')
    expect(() => blind.session.addPath(deadLink('message'), undefined, 0)).toThrow(/entropy/)
  })

  // spec: STT-PKT-22 STT-PKT-48
  test('what does not verify over a link that is not the session’s is told, and fails no link', () => {
    const lone = responding()
    const stranger = deadLink('message')
    const forged = lone.packet(frames.ping())
    forged[forged.length - 1]! ^= 1
    expect(lone.session.receive(forged, stranger, lone.loop.now)).toBe(false)
    expect(lone.session.receive(new Uint8Array(40), stranger, lone.loop.now)).toBe(false)
    lone.drive()
    expect(lone.event('link-failed')).toBeUndefined()
    expect(lone.session.links).toEqual([lone.link])
    expect(lone.session.receive(lone.packet(frames.joinLink(1)), stranger, lone.loop.now)).toBe(true)
    lone.drive()
    expect(lone.session.links).toEqual([lone.link, stranger])
  })
})
