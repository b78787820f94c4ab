import { once } from 'node:events'
import { afterEach, describe, expect, test } from 'vitest'
import WebSocket, { WebSocketServer } from 'ws'
import { deferred } from '../test/pair.ts'
import { adoptWebSocket } from './adopt.ts'
import { dialWebSocket } from './dial.ts'
import { dialWebSocket as dialInBrowser } from './dial-browser.ts'
import { listenWebSocket } from './listen.ts'
import type { WebSocketLink } from './websocket-link.ts'
import type { WhatwgWebSocket } from './whatwg-websocket.ts'

const sizes = [0, 1, 125, 126, 4_096, 65_535]
const packets = sizes.map(length => Uint8Array.from({ length }, (_, i) => i * 7 + length))

async function wsServer(): Promise<{ server: WebSocketServer; url: string } & AsyncDisposable> {
  const server = new WebSocketServer({
    host: '127.0.0.1',
    port: 0,
    handleProtocols: () => 'stt.v1',
    perMessageDeflate: true,
  })
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  return {
    server,
    url: `ws://127.0.0.1:${port}/`,
    [Symbol.asyncDispose]: async () => {
      for (const socket of server.clients) socket.terminate()
      await new Promise<void>(resolve => server.close(() => resolve()))
    },
  }
}

test('a client of the ws package against our listener: echo, fragments, Ping, close', async () => {
  await using listener = await listenWebSocket()
  const accepted = deferred<WebSocketLink>()
  listener.onLink = link => {
    // A slow machine takes longer than a link may that proves nothing.
    link.confirm()
    link.onPacket = packet => void link.send(packet)
    accepted.resolve(link)
  }
  const socket = new WebSocket(listener.address, 'stt.v1')
  await once(socket, 'open')
  expect(socket.extensions).toBe('') // spec: STT-WS-4: it offered permessage-deflate
  const received: Uint8Array[] = []
  const all = deferred()
  socket.on('message', (data: Buffer, isBinary) => {
    expect(isBinary).toBe(true)
    received.push(new Uint8Array(data))
    if (received.length === packets.length + 1) all.resolve()
  })
  for (const packet of packets) socket.send(packet)
  for (const fin of [false, false, true]) socket.send(Uint8Array.of(fin ? 2 : 1), { fin })
  await all.promise
  expect(received).toEqual([...packets, Uint8Array.of(1, 1, 2)])

  socket.ping('are you there')
  const [answer] = await once(socket, 'pong')
  expect(answer.toString()).toBe('are you there')

  const closed = deferred<Error | undefined>()
  const link = await accepted.promise
  link.onClose = closed.resolve
  socket.close(4001, 'done')
  expect((await once(socket, 'close'))[0]).toBe(4001)
  expect(await closed.promise).toMatchObject({ code: 'STT_LINK_FAILED', details: { closeCode: 4001 } })
})

test('our close reaches a client of the ws package with everything sent before', async () => {
  await using listener = await listenWebSocket()
  listener.onLink = link => {
    for (let i = 0; i < 20; i++) link.send(new Uint8Array(65_535))
    link.close()
  }
  const socket = new WebSocket(listener.address, 'stt.v1')
  let bytes = 0
  socket.on('message', (data: Buffer) => void (bytes += data.length))
  expect((await once(socket, 'close'))[0]).toBe(1000)
  expect(bytes).toBe(20 * 65_535)
})

test('a client of the ws package is closed with 1003 for text and with 1009 for a message that is too large', async () => {
  await using listener = await listenWebSocket()
  listener.onLink = link => {
    link.onPacket = () => {}
  }
  for (const [data, code] of [
    ['hello', 1003],
    [new Uint8Array(65_536), 1009],
  ] as const) {
    const socket = new WebSocket(listener.address, 'stt.v1')
    await once(socket, 'open')
    socket.send(data)
    expect((await once(socket, 'close'))[0]).toBe(code)
  }
})

test('a client of the ws package without the subprotocol is refused', async () => {
  await using listener = await listenWebSocket()
  const [error] = await once(new WebSocket(listener.address), 'error')
  expect(error.message).toContain('400')
})

test('our client against a server of the ws package: echo, Ping, close', async () => {
  await using other = await wsServer()
  const pinged = deferred<Buffer>()
  other.server.on('connection', socket => {
    socket.on('message', data => socket.send(data as Buffer))
    socket.on('pong', pinged.resolve)
    socket.ping('hi')
  })
  const link = await dialWebSocket(other.url)
  const received: Uint8Array[] = []
  const all = deferred()
  link.onPacket = packet => {
    received.push(packet.slice())
    if (received.length === packets.length) all.resolve()
  }
  for (const packet of packets) link.send(packet)
  await all.promise
  expect(received).toEqual(packets)
  expect((await pinged.promise).toString()).toBe('hi')
  const closed = deferred<Error | undefined>()
  link.onClose = closed.resolve
  link.close()
  expect(await closed.promise).toBeUndefined()
})

test('our client learns that a server of the ws package went away', async () => {
  await using other = await wsServer()
  other.server.on('connection', socket => socket.close(1001))
  const link = await dialWebSocket(other.url)
  const closed = deferred<Error | undefined>()
  link.onClose = closed.resolve
  link.onPacket = () => {}
  expect(await closed.promise).toMatchObject({ code: 'STT_LINK_FAILED', details: { closeCode: 1001 } })
})

type Constructor = new (url: string, protocol: string) => WhatwgWebSocket
const platform = globalThis as { WebSocket?: Constructor }
const own = platform.WebSocket

describe.each<[string, Constructor | undefined]>([
  ['the ws package', WebSocket],
  [`this platform${own ? '' : ' (SKIPPED: it has none)'}`, own],
])('a WHATWG WebSocket of %s', (_name, Socket) => {
  test.skipIf(!Socket).each(['adopted', 'dialed'])('%s, speaks with our listener', async how => {
    await using listener = await listenWebSocket()
    listener.onLink = link => {
      link.onPacket = packet => void link.send(packet)
    }
    platform.WebSocket = Socket!
    const link = await (how === 'adopted'
      ? adoptWebSocket(new Socket!(listener.address, 'stt.v1'))
      : dialInBrowser(listener.address))
    const received: Uint8Array[] = []
    const all = deferred()
    link.onPacket = packet => {
      received.push(packet.slice())
      if (received.length === packets.length) all.resolve()
    }
    for (const packet of packets) link.send(packet)
    await all.promise
    expect(received).toEqual(packets)
    const closed = deferred<Error | undefined>()
    link.onClose = closed.resolve
    link.close()
    expect(await closed.promise).toBeUndefined()
  })

  test.skipIf(!Socket)('learns the reason of a close, and that no listener is there', async () => {
    const listener = await listenWebSocket()
    platform.WebSocket = Socket!
    const { address } = listener
    const link = await dialInBrowser(address)
    const closed = deferred<Error | undefined>()
    link.onClose = closed.resolve
    await listener.close()
    expect(await closed.promise).toMatchObject({ code: 'STT_LINK_FAILED', details: { closeCode: 1000 } })
    await expect(dialInBrowser(address)).rejects.toMatchObject({ code: 'STT_CONNECT_FAILED' })
  })

  afterEach(() => {
    if (own) platform.WebSocket = own
    else delete platform.WebSocket
  })
})

test('a socket that a server of the ws package accepted, adopted, speaks with our client', async () => {
  await using other = await wsServer()
  other.server.on('connection', async socket => {
    const link = await adoptWebSocket(socket)
    link.onPacket = packet => void link.send(packet)
  })
  const link = await dialWebSocket(other.url)
  const echoed = deferred<Uint8Array>()
  link.onPacket = packet => echoed.resolve(packet.slice())
  link.send(packets[5]!)
  expect(await echoed.promise).toEqual(packets[5])
  link.close()
})
