import { describe, expect, test } from 'vitest'
import { SessionEngine, SessionManager } from '../src/index.ts'
import { CountingSource } from './counting-source.ts'
import { frames } from './frames.ts'
import { LoneSession } from './lone-session.ts'
import { limits, sessionConfig } from './session-config.ts'

const refused = expect.objectContaining({ code: 'STT_INVALID_ARGUMENT' })
const bytes = (length: number): Uint8Array => new Uint8Array(length).fill(5)
/** Values that a JavaScript program may pass by mistake. */
const mistaken = (value: unknown): never => value as never

describe('the configuration of a session', () => {
  const secrets = () => ({ send: bytes(32), receive: bytes(32), exporter: bytes(32) })

  test.each([
    ['role', { role: mistaken('server') }],
    ['id', { id: bytes(15) }],
    ['id', { id: bytes(17) }],
    ['id', { id: mistaken('0123456789abcdef') }],
    ['localCid', { localCid: bytes(7) }],
    ['remoteCid', { remoteCid: bytes(9) }],
    ['peerId', { peerId: bytes(31) }],
    ['secrets.send', { secrets: { ...secrets(), send: bytes(31) } }],
    ['secrets.receive', { secrets: { ...secrets(), receive: mistaken(undefined) } }],
    ['secrets.exporter', { secrets: { ...secrets(), exporter: bytes(64) } }],
    ['resetToken', { resetToken: bytes(15) }],
    ['localLimits.idleTimeout', { localLimits: { ...limits, idleTimeout: 999 } }],
    ['peerLimits.idleTimeout', { peerLimits: { ...limits, idleTimeout: 0 } }],
    ['peerLimits.maxData', { peerLimits: { ...limits, maxData: -1 } }],
    ['localLimits.maxDatagram', { localLimits: { ...limits, maxDatagram: Number.NaN } }],
    ['source', { source: mistaken({}) }],
    ['entropy', { entropy: mistaken(7) }],
    ['now', { now: Number.NaN }],
    ['keepAlive', { options: { keepAlive: 0 } }],
    ['keepAlive', { options: { keepAlive: -1 } }],
    ['keepAlive', { options: { keepAlive: Number.NaN } }],
    ['keepalive', { options: mistaken({ keepalive: 5 }) }],
    ['detachedTimeout', { options: { detachedTimeout: Number.NaN } }],
    ['datagramQueue', { options: { datagramQueue: 0 } }],
    ['maxPacketNumber', { options: { maxPacketNumber: 2 ** 48 + 1 } }],
    ['keyUpdate.packets', { options: { keyUpdate: { packets: 0 } } }],
    ['keyUpdate', { options: { keyUpdate: mistaken({ package: 1 }) } }],
  ])('a bad %s is refused by name, and the secrets stay the caller’s', (name, change) => {
    const config = sessionConfig('initiator', new CountingSource(), { secrets: secrets(), ...change })
    expect(() => new SessionEngine(config)).toThrowError(refused)
    expect(() => new SessionEngine(config)).toThrowError(name)
    for (const secret of Object.values(config.secrets)) if (secret) expect(secret[0]).toBe(5)
  })

  test.each([undefined, {}])('a responder without what follows its peer is refused: %j', follow => {
    const { follow: _follow, ...config } = sessionConfig('responder', new CountingSource(), { secrets: secrets() })
    const given = { ...config, ...(follow && { follow: mistaken(follow) }) }
    expect(() => new SessionEngine(given)).toThrowError(refused)
    expect(() => new SessionEngine(given)).toThrowError('followPeer of @stt/session/listen')
    for (const secret of Object.values(config.secrets)) expect(secret[0]).toBe(5)
  })

  test('the least idle timeout, and bytes in any form', () => {
    const session = new SessionEngine(
      sessionConfig('responder', new CountingSource(), {
        localCid: mistaken(bytes(8).buffer),
        localLimits: { ...limits, idleTimeout: 1_000 },
      }),
    )
    expect(session.idleTimeout).toBe(1_000)
  })
})

describe('calls', () => {
  function confirmed(): LoneSession {
    const lone = new LoneSession('initiator', { kind: 'message', options: { keepAlive: false } })
    lone.deliver(frames.ack(0, 0))
    lone.takeSent()
    return lone
  }

  test.each([
    ['code', -1],
    ['code', 1.5],
    ['code', 2 ** 53],
    ['code', '7'],
    ['reason', 7],
    ['reason', 'x'.repeat(257)],
    ['app', undefined],
    ['deadline', -1],
    ['deadline', Number.NaN],
    ['isWritten', true],
  ])('close with %s %s is refused before anything is done', (name, value) => {
    const lone = confirmed()
    const request = { app: true, code: 0, reason: '', deadline: 1_000, [name]: mistaken(value) }
    expect(() => lone.session.close(request, 0)).toThrowError(refused)
    lone.drive()
    expect(lone.session.state).toBe('active')
    lone.session.close({ app: true, code: 2 ** 53 - 1, reason: 'x'.repeat(256), deadline: 0 }, 0)
    lone.drive()
    expect(lone.takeFrames()).toEqual([`CLOSE app ${2 ** 53 - 1} ${'x'.repeat(256)}`])
  })

  test.each(['hello', 7, undefined, [1, 2], { length: 3 }])(
    'a datagram of %s is refused, and holds up none behind it',
    value => {
      const lone = confirmed()
      expect(() => lone.session.sendDatagram(mistaken(value))).toThrowError(refused)
      lone.session.sendDatagram(bytes(3))
      lone.drive()
      expect(lone.takeFrames()).toEqual(['DATAGRAM 3'])
    },
  )

  test('a datagram may be any view or buffer, by the bytes that it covers', () => {
    const lone = confirmed()
    for (const data of [new ArrayBuffer(10), new Uint16Array(4), new DataView(new ArrayBuffer(9), 2, 3)]) {
      lone.session.sendDatagram(mistaken(data))
    }
    lone.drive()
    expect(lone.takeFrames()).toEqual(['DATAGRAM 10, DATAGRAM 8, DATAGRAM 3'])
  })

  test('exportKey: a label that is a text, and a length', () => {
    const { session } = confirmed()
    for (const label of [undefined, null, 7, bytes(3)]) {
      expect(() => session.exportKey(mistaken(label), 32)).toThrowError(refused)
    }
    for (const length of [0, 255 * 64 + 1, 1.5, Number.NaN, '32']) {
      expect(() => session.exportKey('label', mistaken(length))).toThrowError(refused)
    }
    expect(session.exportKey('label', 1)).toHaveLength(1)
    expect(session.exportKey('label', 255 * 64)).toHaveLength(255 * 64)
  })

  test.each([-1, Number.NaN, 1.5, '1'])('a packet of %s bytes is not counted', length => {
    const { session } = confirmed()
    expect(() => session.recordSentBytes(mistaken(length))).toThrowError(refused)
    expect(() => session.recordReceivedBytes(mistaken(length))).toThrowError(refused)
  })
})

describe('the manager', () => {
  const make = (change: object = {}): SessionManager =>
    new SessionManager({ clock: () => 0, wake: () => {}, ...change })

  test.each([
    ['clock', 7],
    ['wake', undefined],
    ['maxSessions', 0],
    ['maxSessions', Number.NaN],
  ])('a bad %s: %s', (name, value) => {
    // biome-ignore format: one line
    expect(() => make({ [name]: value })).toThrowError(refused)
  })

  test('an id has 16 bytes, that of a node 32', async () => {
    const manager = make()
    for (const id of [bytes(15), bytes(17), mistaken('x'.repeat(16)), mistaken(undefined)]) {
      expect(() => manager.get(id)).toThrowError(refused)
      expect(() => manager.has(id)).toThrowError(refused)
      await expect(manager.close(id)).rejects.toThrowError(refused)
      expect(() => manager.create({ ...sessionConfig('initiator', new CountingSource()), id })).toThrowError(refused)
    }
    expect(() => manager.findByPeer(bytes(16))).toThrowError(refused)
    expect(manager.get(bytes(16))).toBeUndefined()
    expect(manager.findByPeer(bytes(32))).toEqual([])
    expect(manager.getStatistics().sessions).toBe(0)
  })
})
