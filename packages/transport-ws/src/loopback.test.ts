import { measureMemory } from '@stt/testing'
import { expect, test } from 'vitest'
import { ManualTimers } from '../test/manual-timers.ts'
import { connectedPair, deferred, fill } from '../test/pair.ts'
import { dialWebSocket } from './dial.ts'
import { listenWebSocket } from './listen.ts'

test('packets of every kind of length cross both ways, in order', async () => {
  await using pair = await connectedPair()
  const lengths = [0, 1, 125, 126, 4_095, 4_096, 5_000, 65_535]
  const received: Uint8Array[] = []
  const all = deferred()
  pair.server.onPacket = packet => void pair.server.send(packet)
  pair.client.onPacket = packet => {
    received.push(packet.slice())
    if (received.length === lengths.length) all.resolve()
  }
  const sent = lengths.map(length => Uint8Array.from({ length }, (_, i) => i + length))
  for (const packet of sent) {
    const lent = packet.slice()
    pair.client.send(lent)
    lent.fill(0) // The link keeps nothing of what it was lent.
  }
  await all.promise
  expect(received).toEqual(sent)
  expect(pair.client.getStatistics()).toMatchObject({ packetsSent: 8, packetsReceived: 8, bytesReceived: 78_978 })
})

test('spec: STT-WS-17: close delivers what was sent before, and tells each side once', async () => {
  await using pair = await connectedPair()
  let received = 0
  pair.server.onPacket = packet => void (received += packet.length)
  const serverClosed = deferred<Error | undefined>()
  const clientClosed = deferred<Error | undefined>()
  pair.server.onClose = serverClosed.resolve
  pair.client.onClose = clientClosed.resolve
  for (let i = 0; i < 20; i++) pair.client.send(new Uint8Array(65_535))
  pair.client.close()
  pair.client.close()
  expect(pair.client.send(new Uint8Array(1))).toBe(false)
  expect(await clientClosed.promise).toBeUndefined()
  expect(await serverClosed.promise).toMatchObject({ code: 'STT_LINK_FAILED', details: { closeCode: 1000 } })
  expect(received).toBe(20 * 65_535)
})

test('a packet larger than a message is the caller’s mistake', async () => {
  await using pair = await connectedPair()
  expect(() => pair.client.send(new Uint8Array(65_536))).toThrowError(
    expect.objectContaining({ code: 'STT_INVALID_ARGUMENT' }),
  )
})

test('spec: STT-WS-23: a paused reader makes the sender wait; resumed, it gets everything', async () => {
  await using pair = await connectedPair()
  let received = 0
  let wanted = 0
  const all = deferred()
  pair.server.onPacket = () => {
    if (++received === 1) pair.server.pause()
    if (received === wanted) all.resolve()
  }
  wanted = await fill(pair.client)
  expect(received).toBe(1)
  const { queuedBytes } = pair.client.getStatistics()
  expect(queuedBytes).toBeGreaterThanOrEqual(256 * 1_024)
  expect(queuedBytes).toBeLessThan(512 * 1_024 + 2 * 65_543)
  const drained = deferred()
  pair.client.onDrain = drained.resolve
  pair.server.resume()
  await drained.promise
  await all.promise
})

test('memory stays flat however much flows', async () => {
  await using pair = await connectedPair()
  const packet = new Uint8Array(65_535)
  const transfer = async (count: number): Promise<void> => {
    let received = 0
    let sent = 0
    const all = deferred()
    pair.server.onPacket = () => {
      if (++received === count) all.resolve()
    }
    const fill = (): void => {
      while (sent < count) if (++sent && !pair.client.send(packet)) return
    }
    pair.client.onDrain = fill
    fill()
    await all.promise
  }
  await transfer(200)
  const early = await measureMemory()
  await transfer(1_800)
  expect(await measureMemory()).toBeLessThan(early * 1.1)
})

test('spec: STT-WS-23: no packet arrives while paused, and none is lost', async () => {
  await using pair = await connectedPair()
  const seen: number[] = []
  const second = deferred()
  const all = deferred()
  pair.server.onPacket = packet => {
    seen.push(packet[0]!)
    pair.server.pause()
    if (packet[0] === 1) second.resolve()
    if (packet[0] === 2) all.resolve()
  }
  for (const i of [1, 2]) pair.client.send(Uint8Array.of(i))
  await second.promise
  expect(seen).toEqual([1])
  pair.server.resume()
  await all.promise
  expect(seen).toEqual([1, 2])
})

test('spec: STT-WS-18: an unconfirmed link is closed with 1008, a confirmed one is not', async () => {
  const timers = new ManualTimers()
  await using pair = await connectedPair({ timers })
  const closed = deferred<Error | undefined>()
  pair.server.onClose = closed.resolve
  const clientClosed = deferred<Error | undefined>()
  pair.client.onClose = clientClosed.resolve
  pair.client.onPacket = () => {}
  timers.advance(5_000)
  expect(await closed.promise).toMatchObject({ code: 'STT_TIMEOUT' })
  expect(await clientClosed.promise).toMatchObject({ details: { closeCode: 1008 } })

  await using other = await connectedPair({ timers })
  other.server.confirm()
  timers.advance(5_000)
  const echoed = deferred()
  other.server.onPacket = packet => void other.server.send(packet)
  other.client.onPacket = () => echoed.resolve()
  other.client.send(Uint8Array.of(1))
  await echoed.promise
})

test('a receiver that throws ends only its link', async () => {
  await using pair = await connectedPair()
  const closed = deferred<Error | undefined>()
  pair.server.onClose = closed.resolve
  pair.server.onPacket = () => {
    throw new Error('boom')
  }
  pair.client.onPacket = () => {}
  pair.client.send(Uint8Array.of(1))
  expect(await closed.promise).toMatchObject({
    code: 'STT_LINK_FAILED',
    cause: expect.objectContaining({ message: 'boom' }),
  })
})

test('a port in use says what to do', async () => {
  await using listener = await listenWebSocket()
  const port = Number(new URL(listener.address).port)
  await expect(listenWebSocket({ port })).rejects.toMatchObject({
    code: 'STT_ADDRESS_IN_USE',
    message: expect.stringContaining('choose another port'),
  })
})

test('an address that cannot be bound', async () => {
  await expect(listenWebSocket({ host: '203.0.113.1' })).rejects.toMatchObject({
    code: 'STT_LISTEN_FAILED',
    message: expect.stringContaining('0.0.0.0 or :: listen on all of them'),
  })
})

test('what can be no name of a host', async () => {
  await expect(listenWebSocket({ host: '\0' })).rejects.toMatchObject({
    code: 'STT_LISTEN_FAILED',
    message: expect.stringContaining('could not listen at ws://\\u{0}:0'),
  })
})

test('dialing a port where nothing listens', async () => {
  const listener = await listenWebSocket()
  const { address } = listener
  await listener.close()
  await expect(dialWebSocket(address)).rejects.toMatchObject({ code: 'STT_CONNECT_FAILED' })
})

test.each([
  '',
  'nonsense',
  'http://127.0.0.1:1',
  'ws://127.0.0.1:1/#a',
  'ws://me:secret@127.0.0.1:1',
  'ws://127.0.0.1:99999',
])('a bad address: "%s"', async address => {
  await expect(dialWebSocket(address)).rejects.toMatchObject({ code: 'STT_BAD_ADDRESS' })
})

test('dialing gives up when its signal says so, before and during', async () => {
  await using listener = await listenWebSocket()
  const reason = new Error('enough')
  await expect(dialWebSocket(listener.address, { signal: AbortSignal.abort(reason) })).rejects.toMatchObject({
    code: 'STT_ABORTED',
    cause: reason,
  })
  const controller = new AbortController()
  const dialing = dialWebSocket(listener.address, { signal: controller.signal })
  controller.abort(new DOMException('late', 'TimeoutError'))
  await expect(dialing).rejects.toMatchObject({ code: 'STT_TIMEOUT' })
})

test('another path is not ours', async () => {
  await using listener = await listenWebSocket({ path: '/stt' })
  const { origin } = new URL(listener.address.replace('ws', 'http'))
  await expect(dialWebSocket(origin.replace('http', 'ws'))).rejects.toMatchObject({
    code: 'STT_WEBSOCKET_UPGRADE',
    details: { status: 404 },
  })
})
