import { afterEach, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { deferred } from '../test/pair.ts'
import { adoptWebSocket } from './adopt.ts'
import { dialWebSocket } from './dial.ts'
import { dialWebSocket as dialInPage } from './dial-browser.ts'
import { listenWebSocket } from './listen.ts'
import type { WebSocketOrigin } from './listener.ts'

// Older versions of Node have none.
afterEach(() => void vi.unstubAllGlobals())

const invalid = expect.objectContaining({ code: 'STT_INVALID_ARGUMENT' })

// spec: STT-WS-2
test('a listener that speaks several is told which one each link speaks, and where it comes from', async () => {
  await using listener = await listenWebSocket({ subprotocols: ['stt-relay.v1', 'stt.v1'] })
  const origins: WebSocketOrigin[] = []
  const all = deferred()
  listener.onLink = (link, origin) => {
    origins.push(origin)
    link.close()
    if (origins.length === 3) all.resolve()
  }
  await dialWebSocket(listener.address)
  await dialWebSocket(listener.address, { subprotocol: 'stt-relay.v1' })
  vi.stubGlobal('WebSocket', WebSocket)
  await dialInPage(listener.address, { subprotocol: 'stt-relay.v1' })
  await all.promise
  expect(origins.map(({ subprotocol }) => subprotocol)).toEqual(['stt.v1', 'stt-relay.v1', 'stt-relay.v1'])
  for (const { address, port, isShared } of origins) {
    expect([address, port > 0, isShared]).toEqual(['127.0.0.1', true, false])
  }
})

// spec: STT-WS-2
test('another one than the listener speaks is refused', async () => {
  await using listener = await listenWebSocket({ subprotocols: ['stt-relay.v1'] })
  await expect(dialWebSocket(listener.address)).rejects.toMatchObject({ code: 'STT_WEBSOCKET_UPGRADE' })
  const socket = new WebSocket(listener.address, 'stt-relay.v1')
  await expect(adoptWebSocket(socket)).rejects.toMatchObject({ code: 'STT_WEBSOCKET_UPGRADE' })
})

test('what is no name of one is refused before anything is dialed or bound', async () => {
  for (const name of ['', 'a b', 'a,b', 7 as never]) {
    await expect(dialWebSocket('ws://127.0.0.1:1', { subprotocol: name })).rejects.toEqual(invalid)
    await expect(dialInPage('ws://127.0.0.1:1', { subprotocol: name })).rejects.toEqual(invalid)
    await expect(listenWebSocket({ subprotocols: [name] })).rejects.toEqual(invalid)
  }
  await expect(listenWebSocket({ subprotocols: [] })).rejects.toEqual(invalid)
  await expect(listenWebSocket({ subprotocols: 'stt.v1' as never })).rejects.toEqual(invalid)
})

test('onRequest answers plain requests, by default with 426; if it throws, that costs its connection', async () => {
  const faults: unknown[] = []
  await using listener = await listenWebSocket({
    onRequest(request, response) {
      if (request.url === '/bad') throw new Error('of the application')
      response.writeHead(200, { Connection: 'close' }).end('here')
    },
    onFault: cause => void faults.push(cause),
  })
  const url = listener.address.replace('ws:', 'http:')
  expect(await (await fetch(url)).text()).toBe('here')
  await expect(fetch(`${url}/bad`)).rejects.toThrow()
  expect(faults).toHaveLength(1)
  await using plain = await listenWebSocket()
  expect((await fetch(plain.address.replace('ws:', 'http:'))).status).toBe(426)
  await expect(listenWebSocket({ onRequest: 7 as never })).rejects.toEqual(invalid)
})
