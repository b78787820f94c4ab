import { createServer, get } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { Server } from 'node:net'
import { networkInterfaces } from 'node:os'
import { testCertificate, testKey } from '@stt/testing'
import { expect, test } from 'vitest'
import { ManualTimers } from '../test/manual-timers.ts'
import { deferred } from '../test/pair.ts'
import { goodHeaders, RawPeer, requestText } from '../test/raw-peer.ts'
import { dialWebSocket } from './dial.ts'
import { listenWebSocket } from './listen.ts'
import type { WebSocketListener } from './listener.ts'
import type { WebSocketLink } from './websocket-link.ts'

/** A started server that ends with the test. */
async function started<S extends Server>(server: S): Promise<{ server: S; port: number } & AsyncDisposable> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  return { server, port, [Symbol.asyncDispose]: () => new Promise<void>(resolve => server.close(() => resolve())) }
}

function echo(listener: WebSocketListener): void {
  listener.onLink = link => {
    link.onPacket = packet => void link.send(packet)
  }
}

async function expectEcho(link: WebSocketLink): Promise<void> {
  const echoed = deferred<Uint8Array>()
  const closed = deferred<Error | undefined>()
  link.onPacket = packet => echoed.resolve(packet.slice())
  link.onClose = closed.resolve
  link.send(Uint8Array.of(1, 2, 3))
  expect(await echoed.promise).toEqual(Uint8Array.of(1, 2, 3))
  link.close()
  expect(await closed.promise).toBeUndefined()
}

async function status(address: string, headers: Record<string, string> = goodHeaders, line?: string): Promise<number> {
  const peer = await RawPeer.connect(address)
  peer.write(requestText(headers, line))
  const head = await peer.readHead()
  peer.socket.destroy()
  return Number(head.split(' ')[1])
}

test('on an http server beside other paths and other upgrades', async () => {
  await using http = await started(createServer((_request, response) => void response.end('a page')))
  const listener = await listenWebSocket({ server: http.server, path: '/stt' })
  echo(listener)
  expect(listener.address).toBe(`ws://127.0.0.1:${http.port}/stt`)
  await expectEcho(await dialWebSocket(listener.address))
  await expectEcho(await dialWebSocket(`${listener.address}?query=1`))
  const page = await new Promise(resolve =>
    get(`http://127.0.0.1:${http.port}/`, response => response.on('data', data => resolve(String(data)))),
  )
  expect(page).toBe('a page')
  // Only STT listeners handle upgrades, so one of them has to answer.
  expect(await status(listener.address, goodHeaders, 'GET /other HTTP/1.1')).toBe(404)

  const other = await listenWebSocket({ server: http.server, path: '/other' })
  echo(other)
  await expectEcho(await dialWebSocket(other.address))
  await other.close()
  await listener.close()
  expect(http.server.listening).toBe(true)
  expect(http.server.listenerCount('upgrade')).toBe(0)
})

test('an address is empty until the server listens', async () => {
  const server = createServer()
  const listener = await listenWebSocket({ server })
  expect(listener.address).toBe('')
  await using _started = await started(server)
  expect(listener.address).toMatch(/^ws:\/\/127\.0\.0\.1:\d+$/)
  await listener.close()
})

test('wss: on an https server, trusted by its certificate or not at all', async () => {
  await using https = await started(createSecureServer({ key: testKey, cert: testCertificate }))
  const listener = await listenWebSocket({ server: https.server })
  echo(listener)
  expect(listener.address).toBe(`wss://127.0.0.1:${https.port}`)
  await expectEcho(await dialWebSocket(listener.address, { ca: testCertificate }))
  await expect(dialWebSocket(listener.address)).rejects.toMatchObject({ code: 'STT_CONNECT_FAILED' })
  await expect(
    dialWebSocket(listener.address, { ca: testCertificate, serverName: 'example.org' }),
  ).rejects.toMatchObject({
    code: 'STT_CONNECT_FAILED',
    cause: expect.objectContaining({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' }),
  })
  await listener.close()
})

test('wss: large packets both ways', async () => {
  await using https = await started(createSecureServer({ key: testKey, cert: testCertificate }))
  const listener = await listenWebSocket({ server: https.server })
  echo(listener)
  const link = await dialWebSocket(listener.address, { ca: testCertificate })
  const packet = Uint8Array.from({ length: 65_535 }, (_, i) => i * 13)
  const all = deferred()
  let count = 0
  link.onPacket = received => {
    expect(Buffer.compare(received, packet)).toBe(0)
    if (++count === 20) all.resolve()
  }
  for (let i = 0; i < 20; i++) link.send(packet)
  await all.promise
  link.close()
  await listener.close()
})

test('headers of the caller reach the server, but cannot break the upgrade', async () => {
  await using http = await started(createServer())
  const listener = await listenWebSocket({ server: http.server })
  echo(listener)
  const seen = deferred<unknown>()
  http.server.on('upgrade', request => seen.resolve(request.headers))
  await expectEcho(
    await dialWebSocket(listener.address, { headers: { Authorization: 'Bearer x', connection: 'close' } }),
  )
  expect(await seen.promise).toMatchObject({ authorization: 'Bearer x', connection: 'Upgrade' })
  await listener.close()
})

test('spec: STT-WS-5: a plain request learns what the port is for', async () => {
  await using listener = await listenWebSocket()
  expect(await status(listener.address, { Host: 'localhost' })).toBe(426)
  expect(await status(listener.address, goodHeaders, 'GET /elsewhere HTTP/1.1')).toBe(404)
  expect(listener.getStatistics()).toMatchObject({ links: 0, accepted: 0, refused: 2 })
})

test('spec: STT-WS-21: origins', async () => {
  await using listener = await listenWebSocket({ origins: ['https://example.org'] })
  echo(listener)
  expect(await status(listener.address, { ...goodHeaders, Origin: 'https://evil.example' })).toBe(403)
  await expectEcho(await dialWebSocket(listener.address, { headers: { Origin: 'https://example.org' } }))
  await expectEcho(await dialWebSocket(listener.address))
})

/** How a dialed link ends. */
function ending(link: WebSocketLink): Promise<Error | undefined> {
  const closed = deferred<Error | undefined>()
  link.onPacket = () => {}
  link.onClose = closed.resolve
  return closed.promise
}

test('spec: STT-WS-22: behind silent connections one waits until their silence has lasted a second', async () => {
  const timers = new ManualTimers()
  await using listener = await listenWebSocket({ limits: { maxUnprovedPerAddress: 2 }, timers })
  echo(listener)
  // Connections count before they ask for anything.
  const idle = [await RawPeer.connect(listener.address), await RawPeer.connect(listener.address)]
  await expect.poll(() => listener.getStatistics().unproved).toBe(2)
  const dialing = dialWebSocket(listener.address)
  await expect.poll(() => listener.getStatistics().waiting).toBe(1)
  timers.advance(1_000)
  await expectEcho(await dialing)
  expect(listener.getStatistics()).toMatchObject({ evicted: 1, waiting: 0 })
  for (const peer of idle) peer.socket.destroy()
})

test('spec: STT-WS-28: who waits in vain is told which limit it is, and that is no listener that is none', async () => {
  const timers = new ManualTimers()
  const limits = { maxUnprovedPerAddress: 1, maxSilence: 60_000, proofTimeout: 60_000 }
  await using listener = await listenWebSocket({ limits, timers })
  echo(listener)
  const link = await dialWebSocket(listener.address)
  const dialing = dialWebSocket(listener.address)
  const refused = expect(dialing).rejects.toMatchObject({
    code: 'STT_BUSY',
    details: { status: 429, limit: 'maxUnprovedPerAddress' },
  })
  await expect.poll(() => listener.getStatistics().waiting).toBe(1)
  timers.advance(5_000)
  await refused
  await expectEcho(link)
  await expect.poll(() => listener.getStatistics().unproved).toBe(0)
  await expectEcho(await dialWebSocket(listener.address))
})

test('spec: STT-WS-22: who proved itself makes room, up to the number of links', async () => {
  const limits = { maxUnproved: 1, maxUnprovedPerAddress: 1, maxLinks: 2 }
  await using listener = await listenWebSocket({ limits })
  listener.onLink = link => {
    link.confirm()
    link.onPacket = packet => void link.send(packet)
  }
  const links = [await dialWebSocket(listener.address), await dialWebSocket(listener.address)]
  expect(listener.getStatistics()).toMatchObject({ links: 2, unproved: 0 })
  const refused = await ending(await dialWebSocket(listener.address))
  expect(refused).toMatchObject({ code: 'STT_BUSY', details: { closeCode: 1013, limit: 'maxLinks' } })
  for (const link of links) await expectEcho(link)
  await expect.poll(() => listener.getStatistics().links).toBe(0)
})

test('spec: STT-WS-22: behind a proxy the caps follow the address that the proxy names', async () => {
  await using listener = await listenWebSocket({
    limits: { maxLinksPerAddress: 1 },
    clientAddress: request => request.headers['x-real-ip'] as string | undefined,
  })
  const remotes: string[] = []
  listener.onLink = (link, { isShared }) => {
    expect(isShared).toBe(false)
    remotes.push(new URL(link.remote).hostname)
    link.confirm()
    link.onPacket = packet => void link.send(packet)
  }
  const from = (address: string) => dialWebSocket(listener.address, { headers: { 'X-Real-IP': address } })
  const first = await from('192.0.2.1')
  expect(await ending(await from('192.0.2.1'))).toMatchObject({ details: { limit: 'maxLinksPerAddress' } })
  await expectEcho(await from('192.0.2.2'))
  await expectEcho(first)
  expect(remotes).toEqual(['192.0.2.1', '192.0.2.1', '192.0.2.2'])
})

test('an address of a proxy without a clientAddress is marked as shared', async () => {
  await using listener = await listenWebSocket()
  const shared: boolean[] = []
  listener.onLink = (link, { isShared }) => {
    shared.push(isShared)
    link.close()
  }
  await ending(await dialWebSocket(listener.address, { headers: { 'X-Forwarded-For': '192.0.2.1' } }))
  await ending(await dialWebSocket(listener.address))
  expect(shared).toEqual([true, false])
})

test.each([
  ['throws', () => { throw new Error('no such header') }], // biome-ignore format: one line
  ['gives a promise', () => Promise.resolve('192.0.2.1')],
])('a clientAddress that %s costs only its connection', async (_what, clientAddress) => {
  const faults: unknown[] = []
  await using listener = await listenWebSocket({
    clientAddress: clientAddress as unknown as () => string,
    onFault: cause => void faults.push(cause),
  })
  await expect(dialWebSocket(listener.address)).rejects.toMatchObject({ details: { status: 500 } })
  expect(faults).toHaveLength(1)
})

test('an onLink that throws costs only its link', async () => {
  const faults: unknown[] = []
  await using listener = await listenWebSocket({ onFault: cause => void faults.push(cause) })
  listener.onLink = () => {
    throw new Error('not now')
  }
  await ending(await dialWebSocket(listener.address))
  expect(faults).toHaveLength(1)
  echo(listener)
  await expectEcho(await dialWebSocket(listener.address))
})

test.each([
  [1008, 'STT_LINK_FAILED', 'eight messages of no use'],
  [1013, 'STT_BUSY', 'handshakesPerPrefix'],
  // Text that can be no name of a limit is not repeated in the error.
  [1013, 'STT_BUSY', 'go \u001b[31maway'],
] as const)('spec: STT-WS-28: a link refused with %d ends as %s at the other end', async (code, expected, reason) => {
  await using listener = await listenWebSocket()
  listener.onLink = link => link.refuse(code, reason)
  const error = await ending(await dialWebSocket(listener.address))
  expect(error).toMatchObject({ code: expected, details: { closeCode: code } })
  expect(error!.message.includes('handshakesPerPrefix')).toBe(reason === 'handshakesPerPrefix')
  expect(error!.message).not.toContain('\u001b')
})

test('close ends the links and the port, and waits for both', async () => {
  const listener = await listenWebSocket()
  const accepted = deferred<WebSocketLink>()
  listener.onLink = accepted.resolve
  const { address } = listener
  const client = await dialWebSocket(address)
  const idle = await RawPeer.connect(address)
  const closed: string[] = []
  client.onPacket = () => {}
  client.onClose = reason => closed.push(`client ${reason?.message}`)
  const link = await accepted.promise
  link.onClose = reason => closed.push(`server ${reason?.message}`)
  await listener.close()
  expect(closed).toContain('server undefined')
  expect(listener.getStatistics().links).toBe(0)
  await idle.readToEnd()
  await expect(dialWebSocket(address)).rejects.toMatchObject({ code: 'STT_CONNECT_FAILED' })
})

test('a link is closed if onLink is not set', async () => {
  await using listener = await listenWebSocket()
  const link = await dialWebSocket(listener.address)
  const closed = deferred<Error | undefined>()
  link.onPacket = () => {}
  link.onClose = closed.resolve
  expect(await closed.promise).toMatchObject({ details: { closeCode: 1000 } })
})

const hasIPv6 = Object.values(networkInterfaces()).some(each => each?.some(({ address }) => address === '::1'))

test.skipIf(!hasIPv6)('IPv6 (skipped where ::1 does not exist) and a path show in the address', async () => {
  await using listener = await listenWebSocket({ host: '::1', path: '/stt' })
  echo(listener)
  expect(listener.address).toMatch(/^ws:\/\/\[::1\]:\d+\/stt$/)
  await expectEcho(await dialWebSocket(listener.address))
})
