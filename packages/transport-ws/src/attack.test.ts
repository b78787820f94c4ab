import { measureMemory } from '@stt/testing'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { hex, rawFrame, repeat } from '../test/bytes.ts'
import { ManualTimers } from '../test/manual-timers.ts'
import { deferred } from '../test/pair.ts'
import { goodHeaders, RawPeer, requestText } from '../test/raw-peer.ts'
import { dialWebSocket } from './dial.ts'
import { listenWebSocket } from './listen.ts'
import type { WebSocketListener } from './listener.ts'

let timers: ManualTimers
let listener: WebSocketListener
let confirmLinks: boolean

beforeAll(async () => {
  timers = new ManualTimers()
  listener = await listenWebSocket({ timers })
  listener.onLink = link => {
    if (confirmLinks) link.confirm()
    link.onPacket = packet => void link.send(packet)
  }
})
afterAll(() => listener.close())

/** After every attack: the listener still serves others. */
afterEach(async () => {
  const link = await dialWebSocket(listener.address)
  const echoed = deferred()
  const closed = deferred<Error | undefined>()
  link.onPacket = () => echoed.resolve()
  link.onClose = closed.resolve
  link.send(Uint8Array.of(1))
  await echoed.promise
  link.close()
  await closed.promise
})

/** Runs an attack ten times and compares what lives after all of them with what lived after the first. */
async function survives(attack: () => Promise<void>): Promise<void> {
  confirmLinks = false
  await attack()
  const early = await measureMemory()
  for (let i = 0; i < 9; i++) await attack()
  expect(await measureMemory()).toBeLessThan(early * 1.1)
  await drained()
}

/** Until the listener saw the end of every link. */
async function drained(): Promise<void> {
  while (listener.getStatistics().links > 0) await new Promise(resolve => setImmediate(resolve))
}

const status = async (peer: RawPeer): Promise<number> => Number((await peer.readHead()).split(' ')[1])

test('the connection ends in the middle of the headers', () =>
  survives(async () => {
    const peer = await RawPeer.connect(listener.address)
    peer.write(requestText().slice(0, 60))
    peer.socket.end()
    expect(await status(peer)).toBe(400)
    await peer.readToEnd()
  }))

test('spec: STT-WS-6: headers that come too slowly', () =>
  survives(async () => {
    const before = timers.pending
    const peer = await RawPeer.connect(listener.address)
    peer.write('GET / HTTP/1.1\r\nHost: ')
    while (timers.pending === before) await new Promise(resolve => setImmediate(resolve))
    timers.advance(4_999)
    peer.write('localhost\r\n')
    timers.advance(1)
    expect(await status(peer)).toBe(408)
    await peer.readToEnd()
  }))

test('spec: STT-WS-6: headers that are too large', () =>
  survives(async () => {
    const peer = await RawPeer.connect(listener.address)
    peer.write(requestText({ ...goodHeaders, 'X-Filler': 'x'.repeat(9_000) }))
    expect(await status(peer)).toBe(431)
    await peer.readToEnd()
  }))

test('spec: STT-WS-6: headers without end', () =>
  survives(async () => {
    const peer = await RawPeer.connect(listener.address)
    peer.write('GET / HTTP/1.1\r\n')
    const pump = (): void => {
      while (!peer.socket.destroyed && peer.socket.write(`X-Filler: ${'x'.repeat(1_000)}\r\n`));
    }
    peer.socket.on('drain', pump)
    pump()
    expect(Buffer.from(await peer.readToEnd()).toString()).toMatch(/^(HTTP\/1\.1 431 |$)/)
  }))

test('something that is not HTTP', () =>
  survives(async () => {
    const peer = await RawPeer.connect(listener.address)
    peer.write('\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03')
    expect(await status(peer)).toBe(400)
    await peer.readToEnd()
  }))

test('a wrong method', () =>
  survives(async () => {
    const peer = await RawPeer.connect(listener.address)
    peer.write(requestText(goodHeaders, 'POST / HTTP/1.1'))
    expect(await status(peer)).toBe(405)
    await peer.readToEnd()
  }))

test('a wrong version', () =>
  survives(async () => {
    const peer = await RawPeer.connect(listener.address)
    peer.write(requestText({ ...goodHeaders, 'Sec-WebSocket-Version': '8' }))
    expect(await peer.readHead()).toMatch(/^HTTP\/1\.1 426 [\s\S]*Sec-WebSocket-Version: 13\r\n/)
    await peer.readToEnd()
  }))

test('a wrong key', () =>
  survives(async () => {
    const peer = await RawPeer.connect(listener.address)
    peer.write(requestText({ ...goodHeaders, 'Sec-WebSocket-Key': 'c2hvcnQ=' }))
    expect(await status(peer)).toBe(400)
    await peer.readToEnd()
  }))

test('an unmasked frame', () =>
  survives(async () => {
    const peer = await RawPeer.upgraded(listener.address)
    peer.write(rawFrame(0x82, hex('01')))
    expect(await peer.closeCode()).toBe(1002)
  }))

test('reserved bits', () =>
  survives(async () => {
    const peer = await RawPeer.upgraded(listener.address)
    peer.frame(0xc2, hex('01'))
    expect(await peer.closeCode()).toBe(1002)
  }))

test('a length that is not in its shortest form', () =>
  survives(async () => {
    const peer = await RawPeer.upgraded(listener.address)
    peer.write(hex('82fe0001 00000000 01'))
    expect(await peer.closeCode()).toBe(1002)
  }))

test('131,072 tiny fragments', () =>
  survives(async () => {
    const peer = await RawPeer.upgraded(listener.address)
    peer.frame(0x02, hex('01'))
    peer.write(repeat(rawFrame(0x00, hex('01'), hex('00000000')), 131_072))
    expect(await peer.closeCode()).toBe(1008)
  }))

test('131,072 empty fragments', () =>
  survives(async () => {
    const peer = await RawPeer.upgraded(listener.address)
    peer.frame(0x02)
    peer.write(repeat(rawFrame(0x00, new Uint8Array(0), hex('00000000')), 131_072))
    expect(await peer.closeCode()).toBe(1008)
  }))

test('spec: STT-WS-14: a flood of Pings: 32 are answered, then the link ends', () =>
  survives(async () => {
    const peer = await RawPeer.upgraded(listener.address)
    peer.write(repeat(rawFrame(0x89, hex('aa'), hex('00000000')), 50_000))
    const heard = await peer.readToEnd()
    expect(heard.subarray(0, 32 * 3)).toEqual(repeat(hex('8a01aa'), 32))
    expect([...heard.subarray(32 * 3, 32 * 3 + 1), ...heard.subarray(32 * 3 + 2, 32 * 3 + 4)]).toEqual([
      0x88, 0x03, 0xf0,
    ])
  }))

test('a length of 2^63', () =>
  survives(async () => {
    const peer = await RawPeer.upgraded(listener.address)
    peer.write(hex('82ff8000000000000000 00000000'))
    expect(await peer.closeCode()).toBe(1002)
  }))

test('a length of 2^63 - 1', () =>
  survives(async () => {
    const peer = await RawPeer.upgraded(listener.address)
    peer.write(hex('82ff7fffffffffffffff 00000000'))
    expect(await peer.closeCode()).toBe(1009)
  }))

test('spec: STT-WS-15: two Closes get one answer', () =>
  survives(async () => {
    const peer = await RawPeer.upgraded(listener.address)
    peer.frame(0x88, hex('03e8'))
    peer.frame(0x88, hex('03e9'))
    peer.frame(0x82, hex('01'))
    expect(await peer.readToEnd()).toEqual(hex('880203e8'))
  }))

test('spec: STT-WS-18: half a frame, then silence, on a link that proved nothing', () =>
  survives(async () => {
    const peer = await RawPeer.upgraded(listener.address)
    peer.write(rawFrame(0x82, new Uint8Array(60_000), hex('00000000')).subarray(0, 30_000))
    timers.advance(5_000)
    expect(await peer.closeCode()).toBe(1008)
  }))

test('spec: STT-WS-19: half a frame, then silence, on a link that had proved itself', () =>
  survives(async () => {
    confirmLinks = true
    const peer = await RawPeer.upgraded(listener.address)
    peer.frame(0x82, hex('01'))
    expect(await peer.read(3)).toEqual(hex('820101'))
    peer.write(rawFrame(0x82, new Uint8Array(60_000), hex('00000000')).subarray(0, 30_000))
    timers.advance(30_000) // what came before counts for this interval
    timers.advance(30_000)
    expect(await peer.read(2)).toEqual(hex('8900'))
    timers.advance(30_000)
    expect(await peer.readToEnd()).toEqual(new Uint8Array(0))
  }))

test('spec: STT-WS-16: a peer that answers no Close and keeps the connection open', () =>
  survives(async () => {
    const peer = await RawPeer.upgraded(listener.address)
    peer.frame(0x81, hex('61'))
    await peer.read(2)
    while (listener.getStatistics().links > 0) {
      timers.advance(3_000)
      await new Promise(resolve => setImmediate(resolve))
    }
    await peer.readToEnd()
  }))
