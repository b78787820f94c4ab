import type { Link } from '@stt/frame'
import { expect, test } from 'vitest'
import { ManualTimers } from '../test/manual-timers.ts'
import { adoptWebSocket } from './adopt.ts'
import { dialWebSocket } from './dial-browser.ts'
import type { WebSocketLink } from './websocket-link.ts'
import type { WhatwgWebSocket } from './whatwg-websocket.ts'

/** A WHATWG WebSocket whose other end is the test. */
class FakeSocket implements WhatwgWebSocket {
  static last: FakeSocket
  binaryType = 'blob'
  bufferedAmount = 0
  protocol = 'stt.v1'
  readyState = 0
  readonly url: string
  readonly sent: Uint8Array[] = []
  readonly closes: unknown[][] = []
  readonly #listeners = new Map<string, Set<(event: object) => void>>()

  constructor(
    url = 'ws://peer.example/',
    readonly offered?: string,
  ) {
    this.url = url
    FakeSocket.last = this
  }

  send(data: Uint8Array<ArrayBuffer>): void {
    this.sent.push(data)
    this.bufferedAmount += data.length
  }

  close(...parameters: unknown[]): void {
    this.closes.push(parameters)
    this.readyState = 2
  }

  addEventListener(type: string, listener: (event: object) => void): void {
    if (!this.#listeners.has(type)) this.#listeners.set(type, new Set())
    this.#listeners.get(type)!.add(listener)
  }

  removeEventListener(type: string, listener: (event: object) => void): void {
    this.#listeners.get(type)?.delete(listener)
  }

  emit(type: string, event: object = {}): void {
    if (type === 'open') this.readyState = 1
    for (const listener of [...(this.#listeners.get(type) ?? [])]) listener(event)
  }
}

async function adopted() {
  const socket = new FakeSocket()
  socket.readyState = 1
  const timers = new ManualTimers()
  const link = await adoptWebSocket(socket, { timers, highWaterMark: 1_000 })
  const closed: (Error | undefined)[] = []
  link.onClose = reason => closed.push(reason)
  return { socket, timers, link, closed }
}

test('waits until the socket is open', async () => {
  const socket = new FakeSocket()
  const adopting = adoptWebSocket(socket)
  expect(socket.binaryType).toBe('arraybuffer')
  socket.emit('open')
  expect(await adopting).toMatchObject({
    lossy: false,
    ordered: true,
    maxPacketSize: 65_535,
    remote: 'ws://peer.example/',
  })
})

test('the other end is named by its URL, or by who adopts', async () => {
  const socket = new FakeSocket('')
  socket.readyState = 1
  expect((await adoptWebSocket(socket)).remote).toBe('ws://unknown')
  expect((await adoptWebSocket(socket, { remote: 'ws://10.0.0.7:5000' })).remote).toBe('ws://10.0.0.7:5000')
})

test('spec: STT-WS-2: another subprotocol is refused', async () => {
  const socket = new FakeSocket()
  socket.protocol = ''
  const adopting = adoptWebSocket(socket)
  socket.emit('open')
  await expect(adopting).rejects.toMatchObject({ code: 'STT_WEBSOCKET_UPGRADE' })
  expect(socket.closes).toEqual([[]])
})

test.each(['error', 'close'])('a socket that fails to open: %s', async type => {
  const socket = new FakeSocket()
  const adopting = adoptWebSocket(socket)
  socket.emit(type)
  await expect(adopting).rejects.toMatchObject({ code: 'STT_CONNECT_FAILED' })
})

test('a socket that is closed already', async () => {
  const socket = new FakeSocket()
  socket.readyState = 3
  await expect(adoptWebSocket(socket)).rejects.toMatchObject({ code: 'STT_CONNECT_FAILED' })
})

test('an abort before and during', async () => {
  await expect(adoptWebSocket(new FakeSocket(), { signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: 'STT_ABORTED',
  })
  const controller = new AbortController()
  const socket = new FakeSocket()
  const adopting = adoptWebSocket(socket, { signal: controller.signal })
  controller.abort()
  await expect(adopting).rejects.toMatchObject({ code: 'STT_ABORTED' })
  expect(socket.closes).toEqual([[]])
})

test('packets in and out; what was lent is copied', async () => {
  const { socket, link } = await adopted()
  const received: Uint8Array[] = []
  link.onPacket = packet => received.push(packet.slice())
  socket.emit('message', { data: Uint8Array.of(1, 2).buffer })
  expect(received).toEqual([Uint8Array.of(1, 2)])
  const lent = Uint8Array.of(3, 4)
  expect(link.send(lent)).toBe(true)
  lent.fill(0)
  expect(socket.sent).toEqual([Uint8Array.of(3, 4)])
  expect(() => link.send(new Uint8Array(65_536))).toThrowError(
    expect.objectContaining({ code: 'STT_INVALID_ARGUMENT' }),
  )
})

test('a full socket makes the sender wait until half of it is gone', async () => {
  const { socket, timers, link } = await adopted()
  let drains = 0
  link.onDrain = () => drains++
  expect(link.send(new Uint8Array(999))).toBe(true)
  expect(link.send(new Uint8Array(1))).toBe(false)
  expect(link.send(new Uint8Array(1))).toBe(false)
  timers.advance(1_000)
  expect([drains, timers.pending]).toEqual([0, 1])
  socket.bufferedAmount = 500
  timers.advance(5)
  expect([drains, timers.pending]).toEqual([1, 0])
})

test.each([
  ['spec: STT-WS-7: text', 'hello', 4003],
  ['spec: STT-WS-7: too long', new ArrayBuffer(65_536), 4009],
])('%s', async (_name, data, code) => {
  const { socket, link, closed } = await adopted()
  let packets = 0
  link.onPacket = () => packets++
  socket.emit('message', { data })
  expect(socket.closes).toEqual([[code, expect.any(String)]]) // spec: STT-WS-25
  socket.emit('message', { data: new ArrayBuffer(1) })
  socket.emit('close', { code })
  expect(packets).toBe(0)
  expect(closed).toMatchObject([{ code: 'STT_WEBSOCKET_PROTOCOL', details: { closeCode: code - 3_000 } }])
})

test('a receiver that throws ends the link', async () => {
  const { socket, link, closed } = await adopted()
  link.onPacket = () => {
    throw new Error('boom')
  }
  socket.emit('message', { data: new ArrayBuffer(1) })
  socket.emit('close', { code: 4011 })
  expect(socket.closes).toEqual([[4011, 'internal error']])
  expect(closed).toMatchObject([{ code: 'STT_LINK_FAILED', cause: { message: 'boom' } }])
})

test('close asks the socket once, drops what follows, and reports once without a reason', async () => {
  const { socket, timers, link, closed } = await adopted()
  link.send(new Uint8Array(1_000))
  link.close()
  link.close()
  expect(link.send(Uint8Array.of(1))).toBe(false)
  expect([socket.closes, socket.sent.length]).toEqual([[[1000, '']], 1])
  socket.emit('close', { code: 1000 })
  socket.emit('close', { code: 1000 })
  expect([closed, timers.pending]).toEqual([[undefined], 0])
})

test('spec: STT-WS-16: a socket that does not end is given up after 3 s', async () => {
  const { socket, timers, link, closed } = await adopted()
  link.close()
  timers.advance(2_999)
  expect(closed).toEqual([])
  timers.advance(1)
  socket.emit('close', { code: 1006 })
  expect(closed).toEqual([undefined])
})

test('the other end closes, or the connection breaks', async () => {
  const first = await adopted()
  first.socket.emit('close', { code: 1001 })
  expect(first.closed).toMatchObject([{ code: 'STT_LINK_FAILED', details: { closeCode: 1001 } }])
  const second = await adopted()
  const error = new Error('reset')
  second.socket.emit('error', { error })
  second.socket.emit('close', { code: 1006 })
  expect(second.closed).toMatchObject([{ code: 'STT_LINK_FAILED', cause: error }])
})

test('dialing as a page: bad address, no WebSocket, deadline, abort', async () => {
  const platform = globalThis as { WebSocket?: unknown }
  const before = platform.WebSocket
  try {
    await expect(dialWebSocket('http://peer.example')).rejects.toMatchObject({ code: 'STT_BAD_ADDRESS' })
    delete platform.WebSocket
    await expect(dialWebSocket('ws://peer.example')).rejects.toMatchObject({ code: 'STT_UNSUPPORTED' })
    platform.WebSocket = FakeSocket
    const timers = new ManualTimers()
    const late = dialWebSocket('ws://peer.example', { timers })
    expect(FakeSocket.last.offered).toBe('stt.v1')
    timers.advance(10_000)
    await expect(late).rejects.toMatchObject({ code: 'STT_TIMEOUT' })
    const controller = new AbortController()
    const aborted = dialWebSocket('ws://peer.example', { signal: controller.signal, timers })
    controller.abort()
    await expect(aborted).rejects.toMatchObject({ code: 'STT_ABORTED' })
    await expect(dialWebSocket('ws://peer.example', { signal: controller.signal })).rejects.toMatchObject({
      code: 'STT_ABORTED',
    })
    platform.WebSocket = class {
      constructor() {
        throw new DOMException('mixed content', 'SecurityError')
      }
    }
    await expect(dialWebSocket('ws://peer.example', { timers })).rejects.toMatchObject({
      code: 'STT_CONNECT_FAILED',
      cause: { name: 'SecurityError' },
    })
    expect(timers.pending).toBe(0)
  } finally {
    platform.WebSocket = before
  }
})

test('a socket whose send or close throws ends only its link', async () => {
  const { socket, timers, link, closed } = await adopted()
  const broken = new Error('InvalidStateError')
  const fail = (): never => {
    throw broken
  }
  Object.assign(socket, { send: fail, close: fail })
  expect(link.send(new Uint8Array(1))).toBe(false)
  expect(link.send(new Uint8Array(1))).toBe(false)
  timers.advance(3_000)
  expect(closed).toMatchObject([{ code: 'STT_LINK_FAILED', cause: broken }])
})

// spec: STT-WS-23
test('what is sent against backpressure is bounded: the link ends', async () => {
  const { socket, link, closed } = await adopted()
  for (let i = 0; i < 1_000; i++) link.send(new Uint8Array(60_000))
  expect(socket.bufferedAmount).toBeLessThan(1_000 + 1_048_576 + 2 * 60_000)
  expect(socket.closes).toEqual([[4008, 'nothing is read']])
  socket.emit('close', { code: 1006 })
  expect(closed).toMatchObject([{ code: 'STT_LINK_FAILED', message: expect.stringContaining('does not read') }])
})

test('a listener that has no place says so by its close code', async () => {
  const { socket, closed } = await adopted()
  socket.emit('close', { code: 1013 })
  expect(closed).toMatchObject([{ code: 'STT_BUSY', details: { closeCode: 1013 } }])
})

// spec: STT-WS-25 STT-WS-28
test('a page that has no place says so by a code that it may send, and is understood', async () => {
  const { socket, link } = await adopted()
  ;(link as Link & Pick<WebSocketLink, 'refuse'>).refuse(1013, 'pendingHandshakes')
  expect(socket.closes).toEqual([[4013, 'pendingHandshakes']])
  const other = await adopted()
  other.socket.emit('close', { code: 4013, reason: 'pendingHandshakes' })
  expect(other.closed).toMatchObject([{ code: 'STT_BUSY', details: { closeCode: 1013, limit: 'pendingHandshakes' } }])
})
