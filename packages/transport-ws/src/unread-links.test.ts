import { afterEach, expect, test } from 'vitest'
import { hex, rawFrame } from '../test/bytes.ts'
import { ManualTimers } from '../test/manual-timers.ts'
import { deferred, turns } from '../test/pair.ts'
import type { RawPeer } from '../test/raw-peer.ts'
import { accept, type RawServer, rawServer } from '../test/raw-server.ts'
import { dialWebSocket } from './dial.ts'
import type { WebSocketLink } from './websocket-link.ts'
import type { DialWebSocketOptions } from './websocket-options.ts'

let server: RawServer | undefined
afterEach(() => server?.[Symbol.asyncDispose]())

/** A dialed link without `onPacket`, and its other end, which the test drives. */
async function dialed(
  options: DialWebSocketOptions = {},
): Promise<{ link: WebSocketLink; peer: RawPeer; closed: Promise<Error | undefined> }> {
  const accepted = deferred<RawPeer>()
  server = await rawServer(async peer => {
    await accept(peer)
    accepted.resolve(peer)
  })
  const link = await dialWebSocket(server.address, options)
  const closed = deferred<Error | undefined>()
  link.onClose = closed.resolve
  return { link, peer: await accepted.promise, closed: closed.promise }
}

test.each([
  ['a Close', (peer: RawPeer) => peer.write(rawFrame(0x88, hex('03e8')))],
  ['a FIN', (peer: RawPeer) => void peer.socket.end()],
  ['a RST', (peer: RawPeer) => void peer.socket.resetAndDestroy()],
])('a link without onPacket reports its end by %s', async (_name, end) => {
  const { peer, closed } = await dialed()
  end(peer)
  peer.socket.end()
  expect(await closed).toMatchObject({ code: 'STT_LINK_FAILED' })
})

test('a Ping is answered before onPacket is set; packets wait, and come in order', async () => {
  const { link, peer } = await dialed()
  peer.write(rawFrame(0x89, hex('aa')))
  for (let i = 0; i < 5; i++) peer.write(rawFrame(0x82, Uint8Array.of(i)))
  expect((await peer.read(7)).subarray(0, 2)).toEqual(hex('8a81'))
  await turns()
  expect(link.getStatistics().packetsReceived).toBe(0)
  const received: number[] = []
  const all = deferred()
  link.onPacket = packet => {
    received.push(packet[0]!)
    if (received.length === 5) all.resolve()
  }
  await all.promise
  expect(received).toEqual([0, 1, 2, 3, 4])
  peer.socket.destroy()
})

test('a link that closes with an unread packet ends', async () => {
  const { link, peer, closed } = await dialed()
  peer.write(rawFrame(0x82, hex('01')))
  await turns()
  link.close()
  expect((await peer.read(8)).subarray(0, 2)).toEqual(hex('8882'))
  peer.write(rawFrame(0x88, hex('03e8')))
  peer.socket.end()
  expect(await closed).toBeUndefined()
})

// spec: STT-WS-23
test('what is sent against backpressure to an end that does not read is bounded: the link ends', async () => {
  const { link, peer, closed } = await dialed()
  peer.socket.pause()
  const packet = new Uint8Array(60_000)
  let most = 0
  for (let i = 0; i < 1_000; i++) {
    link.send(packet)
    most = Math.max(most, link.getStatistics().queuedBytes)
  }
  expect(most).toBeGreaterThan(512 * 1_024)
  expect(most).toBeLessThan(512 * 1_024 + 1_048_576 + 2 * 60_000)
  expect(await closed).toMatchObject({ code: 'STT_LINK_FAILED', message: expect.stringContaining('does not read') })
  peer.socket.destroy()
})

test('messages that came together and take long are read in several turns, in order', async () => {
  const timers = new ManualTimers()
  const { link, peer } = await dialed({ timers })
  const turnOf: number[] = []
  const received: number[] = []
  const all = deferred()
  let turn = 0
  link.onPacket = packet => {
    timers.advance(3)
    received.push(packet[0]!)
    turnOf.push(turn)
    if (received.length === 20) all.resolve()
  }
  await turns()
  const next = (): void => {
    turn++
    if (received.length < 20) setImmediate(next)
  }
  next()
  const numbers = Array.from({ length: 20 }, (_, i) => i)
  peer.write(Buffer.concat(numbers.map(i => rawFrame(0x82, Uint8Array.of(i)))))
  await all.promise
  expect(received).toEqual(numbers)
  const perTurn = new Map<number, number>()
  for (const turn of turnOf) perTurn.set(turn, (perTurn.get(turn) ?? 0) + 1)
  expect(Math.max(...perTurn.values())).toBeLessThanOrEqual(4)
  peer.socket.destroy()
})
