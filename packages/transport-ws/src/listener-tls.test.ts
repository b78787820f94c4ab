import { connect } from 'node:net'
import { connect as connectSecure } from 'node:tls'
import { privateCa as ca, issuedCertificate as cert, issuedKey as key, testCertificate, testKey } from '@stt/testing'
import { expect, test } from 'vitest'
import { ManualTimers } from '../test/manual-timers.ts'
import { dialWebSocket } from './dial.ts'
import { listenWebSocket } from './listen.ts'
import type { WebSocketListener } from './listener.ts'
import type { ListenWebSocketOptions } from './websocket-options.ts'

const OTHER = { cert: testCertificate, key: testKey }

async function listening(options: ListenWebSocketOptions = {}): Promise<WebSocketListener & { readonly port: number }> {
  const listener = await listenWebSocket({ tls: { cert, key }, ...options })
  listener.onLink = link => {
    link.onPacket = packet => {
      link.confirm()
      link.send(packet)
    }
  }
  return Object.assign(listener, { port: Number(new URL(listener.address).port) })
}

/** Resolves when the other end closed the connection. */
const ended = (socket: ReturnType<typeof connect>): Promise<void> =>
  new Promise(resolve => socket.on('error', () => {}).once('close', () => resolve()))

const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await new Promise(resolve => setImmediate(resolve))
}

test('packets over a TLS server of its own', async () => {
  await using listener = await listening({ path: '/stt' })
  expect(listener.address).toMatch(/^wss:\/\/127\.0\.0\.1:\d+\/stt$/)
  const link = await dialWebSocket(listener.address, { ca })
  const echo = new Promise<Uint8Array>(resolve => {
    link.onPacket = packet => resolve(packet.slice())
  })
  link.send(Uint8Array.of(1, 2, 3))
  expect(await echo).toEqual(Uint8Array.of(1, 2, 3))
  expect(listener.getStatistics()).toMatchObject({ links: 1, unproved: 0 })
  link.close()
  await until(() => listener.getStatistics().links === 0)
})

test('what cannot be connected to says what to do', async () => {
  await using secure = await listening()
  await using plain = await listenWebSocket()
  const whyNot = (address: string, options = {}): Promise<unknown> =>
    dialWebSocket(address, options).catch((error: unknown) => error)
  const failure = (help: string) => ({ code: 'STT_CONNECT_FAILED', message: expect.stringContaining(help) })
  expect(await whyNot(secure.address)).toMatchObject(failure('give that CA as ca'))
  expect(await whyNot(secure.address, { ca, serverName: 'example.org' })).toMatchObject(failure('as serverName'))
  expect(await whyNot(secure.address.replace('wss', 'ws'))).toMatchObject(failure('whether ws:// or wss:// is right'))
  expect(await whyNot(plain.address.replace('ws', 'wss'))).toMatchObject(failure('is it ws://?'))
})

test('a connection that says nothing in TLS takes a place, loses it at the deadline, and close() ends it', async () => {
  const timers = new ManualTimers()
  const listener = await listening({ timers })
  const silent = connect(listener.port, '127.0.0.1')
  const end = ended(silent)
  await until(() => listener.getStatistics().unproved === 1)
  timers.advance(5_000)
  await end
  await until(() => listener.getStatistics().unproved === 0)

  const other = connect(listener.port, '127.0.0.1')
  const otherEnd = ended(other)
  await until(() => listener.getStatistics().unproved === 1)
  await listener.close()
  await otherEnd
})

test('the deadline of a connection runs on through TLS to the request', async () => {
  const timers = new ManualTimers()
  await using listener = await listening({ timers })
  const slow = connectSecure({ port: listener.port, host: '127.0.0.1', ca })
  const end = ended(slow)
  await new Promise(resolve => slow.once('secureConnect', resolve))
  timers.advance(5_000)
  await end
})

test('who speaks no TLS is refused and counted', async () => {
  await using listener = await listening()
  const plain = connect(listener.port, '127.0.0.1')
  const end = ended(plain)
  plain.write('GET / HTTP/1.1\r\n\r\n')
  await end
  expect(listener.getStatistics().refused).toBe(1)
})

test('a renewed certificate serves new connections, and an invalid one changes nothing', async () => {
  await using listener = await listening()
  const before = await dialWebSocket(listener.address, { ca })
  const presented = (): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connectSecure({ port: listener.port, rejectUnauthorized: false }, () => {
        resolve(socket.getPeerCertificate().fingerprint256)
        socket.destroy()
      }).on('error', reject)
    })
  const old = await presented()
  expect(() => listener.renewTls({ cert: 'none', key })).toThrow(
    expect.objectContaining({ code: 'STT_INVALID_ARGUMENT' }),
  )
  expect(() => listener.renewTls({ cert: OTHER.cert, key })).toThrow(
    expect.objectContaining({ code: 'STT_INVALID_ARGUMENT' }),
  )
  for (const tls of [undefined, {}, { cert: '', key: testKey }, { cert: testCertificate }]) {
    expect(() => listener.renewTls(tls as typeof OTHER)).toThrow(
      expect.objectContaining({ code: 'STT_INVALID_ARGUMENT' }),
    )
  }
  expect(await presented()).toBe(old)
  listener.renewTls(OTHER)
  expect(await presented()).not.toBe(old)
  const echo = new Promise<Uint8Array>(resolve => {
    before.onPacket = packet => resolve(packet.slice())
  })
  before.send(Uint8Array.of(7))
  expect(await echo).toEqual(Uint8Array.of(7))
  before.close()
  await using plain = await listenWebSocket()
  expect(() => plain.renewTls(OTHER)).toThrow(expect.objectContaining({ code: 'STT_INVALID_STATE' }))
})
