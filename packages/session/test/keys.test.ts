import { type AeadKey, type CryptoProvider, provider } from '@stt/crypto'
import { describe, expect, test } from 'vitest'
import { sessionPair } from './endpoint.ts'
import { frames } from './frames.ts'
import { LoneSession } from './lone-session.ts'

describe('key updates', () => {
  // spec: STT-PKT-9
  test('the peer’s first packet of an epoch is answered in that epoch, at once', () => {
    const lone = new LoneSession('responder', { kind: 'message' })
    lone.deliver(frames.ping())
    lone.takeSent()
    lone.peer.advanceEpoch()
    lone.deliver(frames.stream(1, 1))
    const [ack] = lone.takeSent()
    expect(ack).toMatchObject({ epoch: 1, frames: ['ACK 1 0'], at: 0 })
    expect(lone.event('epoch')).toEqual({ type: 'epoch', epoch: 1 })
    expect(lone.session.getStatistics()).toMatchObject({ sendEpoch: 1, receiveEpoch: 1 })
  })

  // spec: STT-PKT-10 STT-PKT-11
  test('rotateKeys asks for an acknowledgement where there is none yet, and moves with it', () => {
    const lone = new LoneSession('responder')
    lone.session.rotateKeys()
    lone.drive()
    expect(lone.takeFrames()).toEqual(['PING'])
    lone.advance(1_000)
    expect(lone.takeFrames()).toEqual([])
    lone.deliver(frames.ack(0, 0))
    expect(lone.takeSent()).toMatchObject([{ epoch: 1, frames: ['PING'] }])
  })

  // spec: STT-PKT-10 STT-PKT-11
  test('a second rotateKeys is remembered, and done 3 PTO after the first was acknowledged', () => {
    const lone = new LoneSession('initiator')
    lone.session.rotateKeys()
    lone.deliver(frames.ack(0, 0))
    lone.session.rotateKeys()
    lone.drive()
    expect(lone.takeSent().map(({ epoch }) => epoch)).toEqual([0, 1])
    lone.advance(200)
    lone.peer.advanceEpoch()
    lone.deliver(frames.ack(1, 1))
    lone.advance(299)
    expect(lone.takeSent()).toEqual([])
    lone.advance(1)
    expect(lone.takeSent()).toMatchObject([{ epoch: 2, frames: ['PING'], at: 500 }])
    expect(lone.session.getStatistics()).toMatchObject({ sendEpoch: 2, receiveEpoch: 1 })
  })

  // spec: STT-PKT-8
  test('keys change by themselves after enough packets, bytes or time', () => {
    const epochs = (keyUpdate: object, work: (lone: LoneSession) => void): number => {
      const lone = new LoneSession('initiator', { options: { keyUpdate, keepAlive: false } })
      lone.deliver(frames.ack(0, 0))
      work(lone)
      return lone.session.getStatistics().sendEpoch
    }
    const send = (bytes: number) => (lone: LoneSession) => {
      lone.source.queue(bytes)
      lone.drive()
    }
    expect(epochs({ packets: 4 }, send(2 * 1_100))).toBe(0)
    expect(epochs({ packets: 4 }, send(4 * 1_100))).toBe(1)
    expect(epochs({ bytes: 5_000 }, send(3_000))).toBe(0)
    expect(epochs({ bytes: 5_000 }, send(6_000))).toBe(1)
    expect(epochs({ age: 20_000 }, lone => lone.advance(19_999))).toBe(0)
    expect(epochs({ age: 20_000 }, lone => lone.advance(20_000))).toBe(1)
  })

  // spec: STT-PKT-12 STT-PKT-13
  test('the old key opens what was overtaken for 3 PTO, then it is gone', () => {
    const keys = countingProvider()
    const lone = new LoneSession('responder', { provider: keys.provider })
    lone.deliver(frames.join(frames.ping(), frames.stream(0, 1)))
    const overtaken = [lone.packet(frames.stream(1, 1)), lone.packet(frames.stream(2, 1))]
    const before = keys.live()
    lone.peer.advanceEpoch()
    lone.deliver(frames.stream(3, 1))
    expect(keys.live()).toBe(before + 1)
    lone.advance(299)
    lone.receive(overtaken[0]!)
    expect(lone.source.receivedBytes).toBe(3)
    lone.advance(1)
    expect(keys.live()).toBe(before)
    lone.receive(overtaken[1]!)
    expect(lone.source.receivedBytes).toBe(3)
    expect(lone.session.getStatistics().packetsDropped.epoch).toBe(1)
  })

  // spec: STT-PKT-14
  test('an old epoch under a newer number ends the session', () => {
    const lone = new LoneSession('responder')
    const twin = new LoneSession('responder')
    twin.peer.skipPacketNumber()
    lone.deliver(frames.ping())
    lone.peer.advanceEpoch()
    lone.deliver(frames.stream(1, 1))
    lone.takeSent()
    twin.peer.skipPacketNumber()
    twin.peer.skipPacketNumber()
    lone.receive(twin.packet(frames.stream(2, 1)))
    expect(lone.takeFrames()).toEqual(['CLOSE protocol 14 the peer used an old key for a newer packet number'])
  })

  // spec: STT-PKT-15
  test('a new epoch acknowledged in an old one ends the session', () => {
    const lone = new LoneSession('initiator')
    lone.session.rotateKeys()
    lone.deliver(frames.ack(0, 0))
    expect(lone.session.getStatistics().sendEpoch).toBe(1)
    lone.deliver(frames.ack(1, 0))
    expect(lone.event('ended')?.reason).toMatchObject({ by: 'violation', code: 14 })
  })

  // spec: STT-PKT-47
  test('an epoch with every packet is not followed: the session ends', () => {
    const lone = new LoneSession('responder')
    lone.deliver(frames.ping())
    for (let i = 0; i < 10; i++) {
      lone.peer.advanceEpoch()
      lone.deliver(frames.ping())
    }
    expect(lone.event('ended')?.reason).toMatchObject({ by: 'violation', code: 14 })
    expect(lone.eventsOf('epoch')).toHaveLength(8)
  })

  test('both ends rotate at once: one epoch, nothing is lost', () => {
    const { loop, initiator, responder } = sessionPair()
    loop.runUntil(500)
    for (const end of [initiator, responder]) {
      end.source.queue(500_000)
      end.session.rotateKeys()
      end.drive()
    }
    loop.runUntil(2_000)
    for (const end of [initiator, responder]) {
      expect(end.session.getStatistics()).toMatchObject({ state: 'active', sendEpoch: 1, receiveEpoch: 1 })
      expect(end.source.receivedBytes).toBe(500_000)
      expect(end.events.filter(({ type }) => type === 'epoch')).toHaveLength(1)
    }
  })

  test('ten rotations in a row, from either end in turn, while data flows both ways', () => {
    const { loop, initiator, responder } = sessionPair()
    loop.runUntil(500)
    for (let round = 1; round <= 10; round++) {
      const end = round % 2 === 0 ? initiator : responder
      for (const each of [initiator, responder]) each.source.queue(200_000)
      end.session.rotateKeys()
      for (const each of [initiator, responder]) each.drive()
      loop.runUntil(500 + round * 2_000)
      expect(initiator.session.getStatistics()).toMatchObject({ sendEpoch: round, receiveEpoch: round })
      expect(responder.session.getStatistics()).toMatchObject({ sendEpoch: round, receiveEpoch: round })
    }
    expect([initiator.source.receivedBytes, responder.source.receivedBytes]).toEqual([2_000_000, 2_000_000])
  })
})

describe('secrets', () => {
  test('the session takes a copy and wipes what it was given', () => {
    const secrets = { send: bytes(1), receive: bytes(2), exporter: bytes(3) }
    const lone = new LoneSession('initiator', { secrets })
    expect(Object.values(secrets).every(secret => secret.every(byte => byte === 0))).toBe(true)
    expect(lone.takeFrames()).toEqual(['HANDSHAKE_DONE'])
  })

  // spec: STT-PKT-13
  test('a closed session holds no key', () => {
    const keys = countingProvider()
    const lone = new LoneSession('initiator', { provider: keys.provider })
    lone.deliver(frames.ack(0, 0))
    lone.session.exportKey('any', 32)
    expect(keys.live()).toBeGreaterThan(0)
    expect(keys.secrets.some(secret => secret.some(byte => byte !== 0))).toBe(true)
    lone.advance(30_000)
    expect(lone.session.state).toBe('closed')
    expect(keys.live()).toBe(0)
    expect(keys.secrets.every(secret => secret.every(byte => byte === 0))).toBe(true)
    expect(() => lone.session.exportKey('any', 32)).toThrowError(expect.objectContaining({ code: 'STT_CLOSED' }))
  })

  // spec: STT-PKT-13
  test.each(['active', 'closing', 'draining'])('nor does a %s one that is discarded, from the very call on', state => {
    const keys = countingProvider()
    const resetToken = bytes(9).slice(16)
    const lone = new LoneSession('initiator', { provider: keys.provider, resetToken })
    lone.deliver(frames.ack(0, 0))
    lone.session.rotateKeys()
    lone.drive()
    if (state === 'closing') lone.session.close({ app: true, code: 0, reason: '', deadline: 0 }, 0)
    if (state === 'draining') lone.deliver(frames.close())
    lone.drive()
    expect(lone.session.state).toBe(state)
    lone.session.discard()
    expect(keys.live()).toBe(0)
    expect(keys.secrets.every(secret => secret.every(byte => byte === 0))).toBe(true)
    lone.takeSent()
    lone.drive()
    lone.session.discard()
    expect(lone.takeSent()).toEqual([])
    expect(lone.eventsOf('ended')).toHaveLength(1)
    expect(lone.events.at(-1)).toEqual({ type: 'closed' })
    expect(resetToken.some(byte => byte !== 0)).toBe(true)
  })

  test('both sides export the same key for the same label, another for another', () => {
    const [a, b] = [new LoneSession('initiator').session, new LoneSession('responder').session]
    expect(a.exportKey('log', 32)).toEqual(b.exportKey('log', 32))
    expect(a.exportKey('log', 32)).not.toEqual(a.exportKey('file', 32))
    expect(a.exportKey('log', 100)).toHaveLength(100)
    expect(() => a.exportKey('x'.repeat(247), 32)).toThrowError(
      expect.objectContaining({ code: 'STT_INVALID_ARGUMENT' }),
    )
  })

  test('inspecting or serializing a session shows no secret', () => {
    const shown = JSON.stringify(new LoneSession('initiator').session)
    expect(Object.keys(JSON.parse(shown))).toEqual(['id', 'role', 'localCid', 'remoteCid', 'peerId', 'idleTimeout'])
  })
})

describe('limits of keys and numbers', () => {
  // spec: STT-PKT-5
  test('the session ends before its packet numbers do, and CLOSE still gets some', () => {
    const lone = new LoneSession('initiator', { options: { maxPacketNumber: 1_030 } })
    lone.source.queue(100_000)
    lone.drive()
    const sent = lone.takeSent()
    expect(sent).toHaveLength(7)
    expect(sent.at(-1)!.frames).toEqual(['CLOSE protocol 15 packet numbers used up'])
    expect(lone.event('ended')?.reason).toMatchObject({ by: 'local', error: { code: 'STT_NONCE_EXHAUSTED' } })
    for (let i = 0; i < 20_000; i++) lone.deliver(frames.ping())
    expect(lone.takeSent()).toHaveLength(1_023)
  })

  // spec: STT-PKT-23
  test('too many packets that fail to verify end the session', () => {
    const lone = new LoneSession('responder', { options: { maxFailures: 3 } })
    for (let i = 0; i < 2; i++) lone.receive(broken(lone.packet(frames.ping())))
    expect(lone.session.state).toBe('handshaking')
    lone.receive(broken(lone.packet(frames.ping())))
    expect(lone.takeFrames()).toEqual(['CLOSE protocol 15 too many packets failed to verify'])
  })
})

const bytes = (value: number): Uint8Array => new Uint8Array(32).fill(value)

function broken(packet: Uint8Array): Uint8Array {
  const copy = packet.slice()
  copy[copy.length - 1] = copy.at(-1)! ^ 1
  return copy
}

/** A provider that knows how many of its AEAD keys have not been disposed of, and what was derived from. */
function countingProvider(): { provider: CryptoProvider; live: () => number; secrets: Uint8Array[] } {
  const alive = new Set<AeadKey>()
  const secrets: Uint8Array[] = []
  return {
    live: () => alive.size,
    secrets,
    provider: {
      ...provider,
      hmac(key, ...parts) {
        secrets.push(key)
        return provider.hmac(key, ...parts)
      },
      aead(key) {
        const made = provider.aead(key)
        const counted: AeadKey = {
          seal: (...args) => made.seal(...args),
          open: (...args) => made.open(...args),
          openToOwnBuffer: (...args) => made.openToOwnBuffer(...args),
          dispose: () => {
            made.dispose()
            alive.delete(counted)
          },
        }
        alive.add(counted)
        return counted
      },
    },
  }
}
