import type { Socket } from 'node:net'
import { beforeAll, expect, test } from 'vitest'
import { decode, hex, rawFrame, repeat } from '../test/bytes.ts'
import { ManualTimers } from '../test/manual-timers.ts'
import { deferred, fill, turns } from '../test/pair.ts'
import type { RawPeer } from '../test/raw-peer.ts'
import { accept, rawServer } from '../test/raw-server.ts'
import { FrameDecoder } from './codec/decoder.ts'
import { encodeClose } from './codec/encode.ts'
import { dialWebSocket } from './dial.ts'
import type { WebSocketLink } from './websocket-link.ts'

let address: string
let serve: (peer: RawPeer) => void | Promise<void>

beforeAll(async () => {
  const server = await rawServer(peer => serve(peer))
  address = server.address
  return () => server[Symbol.asyncDispose]()
})

/** A link to a server that accepts it, and the server's end. */
async function dialed(
  timers = new ManualTimers(),
): Promise<{ link: WebSocketLink; peer: RawPeer; closed: Promise<Error | undefined> }> {
  const accepted = deferred<RawPeer>()
  serve = async peer => {
    await accept(peer)
    accepted.resolve(peer)
  }
  const link = await dialWebSocket(address, { timers })
  const closed = deferred<Error | undefined>()
  link.onClose = closed.resolve
  link.onPacket = () => {}
  return { link, peer: await accepted.promise, closed: closed.promise }
}

const end = (socket: Socket): void => void socket.end()

test.each([
  ['spec: STT-WS-3: a wrong accept key', { 'Sec-WebSocket-Accept': 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=' }],
  ['spec: STT-WS-4: an extension', { 'Sec-WebSocket-Extensions': 'permessage-deflate' }],
  ['spec: STT-WS-2: no subprotocol', { 'Sec-WebSocket-Protocol': undefined }],
])('%s', async (_name, changes) => {
  serve = peer => accept(peer, changes)
  await expect(dialWebSocket(address)).rejects.toMatchObject({
    code: 'STT_WEBSOCKET_UPGRADE',
    details: { status: 101 },
  })
})

test.each([
  [200, 'STT_WEBSOCKET_UPGRADE'],
  [302, 'STT_WEBSOCKET_UPGRADE'],
  [401, 'STT_WEBSOCKET_UPGRADE'],
  [404, 'STT_WEBSOCKET_UPGRADE'],
  [429, 'STT_BUSY'],
  [503, 'STT_BUSY'],
])('status %s instead of the upgrade: %s', async (status, code) => {
  serve = async peer => {
    await peer.readHead()
    peer.write(`HTTP/1.1 ${status} No\r\nContent-Length: 2\r\nLocation: ws://127.0.0.1:1/\r\n\r\nno`)
  }
  await expect(dialWebSocket(address)).rejects.toMatchObject({ code, details: { status } })
})

test('a server that ends in the middle of the answer', async () => {
  serve = async peer => {
    await peer.readHead()
    peer.write('HTTP/1.1 101 Switching Pro')
    end(peer.socket)
  }
  await expect(dialWebSocket(address)).rejects.toMatchObject({ code: 'STT_CONNECT_FAILED' })
})

test('spec: STT-WS-6: a server that never answers', async () => {
  const timers = new ManualTimers()
  serve = async peer => {
    await peer.readHead()
    timers.advance(10_000)
  }
  await expect(dialWebSocket(address, { timers })).rejects.toMatchObject({ code: 'STT_TIMEOUT' })
  expect(timers.pending).toBe(0)
})

test('spec: STT-WS-6: an answer whose head is too large', async () => {
  serve = peer => accept(peer, { 'X-Filler': 'x'.repeat(9_000) })
  await expect(dialWebSocket(address)).rejects.toMatchObject({ code: 'STT_CONNECT_FAILED' })
})

test('33 Pings: the client closes with 1008', async () => {
  const { peer, closed } = await dialed()
  peer.write(repeat(rawFrame(0x89, hex('')), 33))
  expect(decode('server', await peer.readToEnd()).at(-1)).toMatchObject({ type: 'close', code: 1008 })
  expect(await closed).toMatchObject({ code: 'STT_WEBSOCKET_PROTOCOL', details: { closeCode: 1008 } })
})

test('spec: STT-WS-10: the client masks every frame, each with another key', async () => {
  const { link, peer } = await dialed()
  const packet = new Uint8Array(8)
  link.send(packet)
  link.send(packet)
  const [first, second] = [await peer.read(14), await peer.read(14)]
  expect(first.subarray(0, 2)).toEqual(hex('8288'))
  expect(first.subarray(6)).toEqual(repeat(first.subarray(2, 6), 2)) // zeroes show the key
  expect(second.subarray(2, 6)).not.toEqual(first.subarray(2, 6))
  peer.socket.destroy()
})

test.each([undefined, 1000, 1011, 3000, 4999])(
  'spec: STT-WS-24: close code %s is a link that ended, and nothing more',
  async code => {
    const { peer, closed } = await dialed()
    const payload = encodeClose(code)
    peer.write(rawFrame(0x88, payload))
    expect(decode('server', await peer.read(6 + payload.length))).toEqual([{ type: 'close', code, reason: '' }])
    peer.socket.end()
    expect(await closed).toMatchObject({ code: 'STT_LINK_FAILED', details: { closeCode: code ?? 1005 } })
  },
)

test('a server that vanishes', async () => {
  const { peer, closed } = await dialed()
  peer.socket.destroy()
  expect(await closed).toMatchObject({ code: 'STT_LINK_FAILED' })
})

test('spec: STT-WS-16: the client lets the server end the connection, and does it itself after 3 s', async () => {
  const timers = new ManualTimers()
  const { link, peer, closed } = await dialed(timers)
  link.close()
  expect((await peer.read(8)).subarray(0, 2)).toEqual(hex('8882'))
  peer.write(rawFrame(0x88, hex('03e8')))
  await turns()
  timers.advance(2_999)
  expect(peer.ended).toBe(false)
  timers.advance(1)
  expect(await closed).toBeUndefined()
  peer.socket.destroy()
})

test('spec: STT-WS-14: while nothing can be sent, only the latest of many Pings waits for its answer', async () => {
  const { link, peer } = await dialed()
  peer.socket.pause()
  await fill(link)
  const { queuedBytes } = link.getStatistics()
  const heard = deferred()
  link.onPacket = () => heard.resolve()
  for (let i = 0; i < 30; i++) peer.write(rawFrame(0x89, new Uint8Array(125).fill(i)))
  peer.write(rawFrame(0x82, hex('')))
  await heard.promise
  expect(link.getStatistics().queuedBytes).toBeLessThanOrEqual(queuedBytes)

  const decoder = new FrameDecoder('server')
  const pongs: number[] = []
  const answered = deferred()
  peer.socket.on('data', (chunk: Uint8Array) => {
    decoder.push(Uint8Array.from(chunk))
    for (let event = decoder.next(); event; event = decoder.next()) {
      if (event.type === 'pong') pongs.push(event.data[0]!)
      else if (event.type === 'message' && event.data.length === 0) answered.resolve()
    }
  })
  link.onDrain = () => void link.send(hex(''))
  peer.socket.resume()
  await answered.promise
  expect(pongs).toEqual([29])
  peer.socket.destroy()
})
