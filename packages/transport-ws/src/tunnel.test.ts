import { createServer } from 'node:net'
import { privateCa as ca, issuedCertificate as cert, issuedKey as key, startHttpProxy } from '@stt/testing'
import { afterEach, expect, test, vi } from 'vitest'
import { ManualTimers } from '../test/manual-timers.ts'
import { dialWebSocket } from './dial.ts'
import { listenWebSocket } from './listen.ts'
import type { WebSocketListener } from './listener.ts'
import type { DialWebSocketOptions, ListenWebSocketOptions } from './websocket-options.ts'

const listeners: WebSocketListener[] = []
afterEach(async () => {
  vi.unstubAllEnvs()
  await Promise.all(listeners.splice(0).map(listener => listener.close()))
})

/** @returns its port, and the headers of what came */
async function echoing(options: ListenWebSocketOptions = {}) {
  const headers: unknown[] = []
  const listener = await listenWebSocket({
    ...options,
    clientAddress(request) {
      headers.push(request.headers)
      return undefined
    },
  })
  listener.onLink = link => {
    link.onPacket = packet => {
      link.confirm()
      link.send(packet)
    }
  }
  listeners.push(listener)
  return { address: listener.address, port: Number(new URL(listener.address).port), headers }
}

async function echoOver(address: string, options: DialWebSocketOptions): Promise<Uint8Array> {
  const link = await dialWebSocket(address, options)
  const echo = new Promise<Uint8Array>((resolve, reject) => {
    link.onPacket = packet => resolve(packet.slice())
    link.onClose = reason => reject(reason ?? new Error('closed'))
  })
  link.send(Uint8Array.of(1, 2, 3))
  const echoed = await echo
  link.close()
  return echoed
}

const failureOf = async (address: string, options: DialWebSocketOptions) =>
  dialWebSocket(address, options).then(
    () => undefined,
    error => error,
  )

// spec: STT-WS-31
test('ws: through a proxy that looks the name up, with a user and a password', async () => {
  const { port, headers } = await echoing()
  await using proxy = await startHttpProxy({
    credentials: 'ann@office:p%:x',
    route: () => ({ host: '127.0.0.1', port }),
  })
  const url = proxy.url.replace('//', '//ann%40office:p%25%3Ax@')
  expect(await echoOver('ws://name.invalid:4433/', { proxy: url, headers: { 'X-Own': '1' } })).toEqual(
    Uint8Array.of(1, 2, 3),
  )
  expect(proxy.asked).toEqual(['name.invalid:4433'])
  // Each is told what is for it.
  expect(headers[0]).toMatchObject({ 'x-own': '1', host: 'name.invalid:4433' })
  expect(headers[0]).not.toHaveProperty('proxy-authorization')
  expect(proxy.headers[0]).not.toHaveProperty('x-own')
})

// spec: STT-WS-31
test.each([undefined, { cert, key }])('wss: stays end to end, with a proxy that speaks TLS: %s', async tls => {
  const { port } = await echoing({ tls: { cert, key } })
  await using proxy = await startHttpProxy({ ...(tls && { tls }), route: () => ({ host: '127.0.0.1', port }) })
  const options = { proxy: proxy.url, ca }
  expect(await echoOver('wss://stt.example/', options)).toEqual(Uint8Array.of(1, 2, 3))
  expect(proxy.asked).toEqual(['stt.example:443'])
  // The certificate is held against the name that was dialed.
  expect(await failureOf('wss://other.example/', options)).toMatchObject({ code: 'STT_CONNECT_FAILED' })
})

test('the environment names the proxy, for others than this machine', async () => {
  const { port, address } = await echoing()
  await using proxy = await startHttpProxy({ route: () => ({ host: '127.0.0.1', port }) })
  vi.stubEnv('HTTP_PROXY', proxy.url)
  vi.stubEnv('NO_PROXY', '')
  await echoOver(address, {})
  expect(proxy.asked).toEqual([])
  await echoOver('ws://name.invalid/', {})
  expect(proxy.asked).toEqual(['name.invalid:80'])
  vi.stubEnv('NO_PROXY', 'name.invalid')
  expect(await failureOf('ws://name.invalid/', {})).toMatchObject({ code: 'STT_CONNECT_FAILED' })
  expect(proxy.asked).toHaveLength(1)
})

test.each([
  [407, 'http://user:password@host:port'],
  [403, 'its rules do not allow that'],
  [503, 'the host is wrong, or the proxy cannot reach it'],
])('a proxy that answers %i says what to do: %s', async (status, help) => {
  await using proxy = await startHttpProxy({ route: () => status })
  const error = await failureOf('ws://name.invalid/', { proxy: proxy.url.replace('//', '//ann:geheim@') })
  expect(error).toMatchObject({
    code: 'STT_CONNECT_FAILED',
    details: { status },
    message: expect.stringContaining(help),
  })
  expect(error.message).not.toContain('geheim')
})

test('a proxy that is not there', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  await new Promise(resolve => server.close(resolve))
  const error = await failureOf('ws://name.invalid/', { proxy: `http://127.0.0.1:${port}` })
  expect(error).toMatchObject({ code: 'STT_CONNECT_FAILED', message: expect.stringContaining('could not be reached') })
})

test('a silent proxy is given up with the dial, by its deadline and by its signal', async () => {
  await using proxy = await startHttpProxy()
  proxy.isSilent = true
  const timers = new ManualTimers()
  const timedOut = failureOf('ws://name.invalid/', { proxy: proxy.url, timers })
  while (proxy.asked.length < 1) await new Promise(resolve => setImmediate(resolve))
  timers.advance(10_000)
  expect(await timedOut).toMatchObject({ code: 'STT_TIMEOUT' })

  const controller = new AbortController()
  const aborted = failureOf('ws://name.invalid/', { proxy: proxy.url, signal: controller.signal })
  while (proxy.asked.length < 2) await new Promise(resolve => setImmediate(resolve))
  controller.abort()
  expect(await aborted).toMatchObject({ code: 'STT_ABORTED' })
})
