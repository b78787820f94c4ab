import { type LinkSuiteSubject, linkSuite, untilInRealTime } from '@stt/testing'
import WebSocket, { WebSocketServer } from 'ws'
import { connectedPair, deferred } from '../test/pair.ts'
import { adoptWebSocket } from './adopt.ts'
import type { WhatwgWebSocket } from './whatwg-websocket.ts'

const pair = async (swap: boolean): Promise<LinkSuiteSubject> => {
  const made = await connectedPair()
  made.server.confirm()
  const [a, b] = swap ? [made.server, made.client] : [made.client, made.server]
  return { a, b, until: untilInRealTime, cleanup: async () => made[Symbol.asyncDispose]() }
}

linkSuite('client', () => pair(false))
linkSuite('server', () => pair(true))

linkSuite('adopted, both ends of the ws package', async () => {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  const accepted = deferred<WhatwgWebSocket>()
  server.on('connection', accepted.resolve)
  await new Promise(resolve => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  const socket = new WebSocket(`ws://127.0.0.1:${port}`, 'stt.v1')
  const a = await adoptWebSocket(socket)
  const b = await adoptWebSocket(await accepted.promise, { remote: 'ws://client.example' })
  const cleanup = async (): Promise<void> => {
    for (const client of server.clients) client.terminate()
    await new Promise<void>(resolve => server.close(() => resolve()))
  }
  return { a, b, until: untilInRealTime, cleanup }
})
