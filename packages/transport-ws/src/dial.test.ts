import { isSttError } from '@stt/errors'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ManualTimers } from '../test/manual-timers.ts'
import { goodHeaders, RawPeer, requestText } from '../test/raw-peer.ts'
import { accept, rawServer } from '../test/raw-server.ts'
import { parseWebSocketUrl } from './address.ts'
import { dialWebSocket } from './dial.ts'
import { listenWebSocket } from './listen.ts'

const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  )

// spec: STT-WS-26
test.each([
  ['ws://127.0.0.1:4433', '127.0.0.1', undefined],
  ['ws://[::1]:4433/stt?a=b', '::1', undefined],
  ['ws://[fe80::1%eth0]:4433', 'fe80::1%eth0', 'eth0'],
  ['wss://[fe80::1%25eth0]/path', 'fe80::1%eth0', 'eth0'],
])('%s leads to %s', (address, host, zone) => {
  const target = parseWebSocketUrl(address)
  expect([target.host, target.zone]).toEqual([host, zone])
  expect(target.url.host).not.toContain('%')
})

// spec: STT-WS-26
test('every text is an address or refused with what to do', () => {
  const pieces = fc.constantFrom(
    'ws:',
    'wss:',
    '//',
    '[',
    ']',
    '%',
    '%25',
    ':',
    '::1',
    '@',
    '#',
    '?',
    '/',
    '0',
    '65536',
    'a',
    '..',
    '\u0000',
    '💥',
    ' ',
  )
  const texts = fc.oneof(
    fc.string(),
    fc.array(pieces).map(parts => parts.join('')),
    fc.webUrl(),
  )
  fc.assert(
    fc.property(texts, text => {
      try {
        const { url, host } = parseWebSocketUrl(text)
        expect([url.protocol === 'ws:' || url.protocol === 'wss:', host.length > 0]).toEqual([true, true])
      } catch (error) {
        expect(isSttError(error, 'STT_BAD_ADDRESS')).toBe(true)
        expect((error as Error).message.length).toBeLessThan(600)
      }
    }),
    { numRuns: 500 },
  )
})

test('an error does not repeat the password of an address', async () => {
  for (const address of ['http://user:geheim@host/', 'ws://user:geheim@host/', 'ws://user:geheim@host:0/']) {
    expect(String(await rejection(dialWebSocket(address)))).not.toContain('geheim')
  }
})

test('headers and certificates that cannot be used are an argument, and no TypeError', async () => {
  const address = 'ws://127.0.0.1:1'
  for (const headers of [{ 'bad name': 'x' }, { 'X-Bad': 'a\r\nb' }] as Record<string, string>[]) {
    expect(await rejection(dialWebSocket(address, { headers }))).toMatchObject({ code: 'STT_INVALID_ARGUMENT' })
  }
  expect(await rejection(dialWebSocket('wss://127.0.0.1:1', { ca: 'no certificate' }))).toMatchObject({
    code: expect.stringMatching(/STT_INVALID_ARGUMENT|STT_CONNECT_FAILED/),
  })
})

test('with an IP address given, the name is not resolved but still sent to the server', async () => {
  let host: string | undefined
  await using server = await rawServer(async peer => {
    host = /^Host: (.*)\r$/im.exec(Buffer.from(await peer.readUntil(heard => heard.length > 0)).toString())?.[1]
    await accept(peer)
  })
  const { port } = new URL(server.address)
  const link = await dialWebSocket(`ws://name.invalid:${port}/`, { ipAddress: '127.0.0.1' })
  expect(host).toBe(`name.invalid:${port}`)
  link.close()
})

// spec: STT-WS-6
test('an answer that comes 9,999 ms after the dial is still taken', async () => {
  const timers = new ManualTimers()
  await using server = await rawServer(async peer => {
    timers.advance(9_999)
    await accept(peer)
  })
  const link = await dialWebSocket(server.address, { timers })
  link.close()
})

// spec: STT-WS-6
test('a request head of 8,192 bytes of path, names and values is taken, one of 8,193 is not', async () => {
  await using listener = await listenWebSocket()
  const headOf = (size: number): string => {
    const counted =
      Object.entries({ ...goodHeaders, 'X-Filler': '' })
        .flat()
        .join('').length + '/'.length
    return requestText({ ...goodHeaders, 'X-Filler': 'x'.repeat(size - counted) })
  }
  for (const [size, status] of [
    [8_192, 101],
    [8_193, 431],
  ] as const) {
    const peer = await RawPeer.connect(listener.address)
    peer.write(headOf(size))
    expect(Number((await peer.readHead()).split(' ')[1]), `${size} bytes`).toBe(status)
    peer.socket.destroy()
  }
})

// spec: STT-WS-14
test('32 Pings are answered by a client, and the link lives', async () => {
  let pongs = 0
  await using server = await rawServer(async peer => {
    await accept(peer)
    for (let i = 0; i < 32; i++) peer.write(Uint8Array.of(0x89, 0))
    const heard = await peer.read(32 * 6)
    pongs = heard.filter((_, i) => i % 6 === 0).filter(byte => byte === 0x8a).length
    peer.write(Uint8Array.of(0x82, 1, 7))
  })
  const link = await dialWebSocket(server.address)
  const received = await new Promise<number>(resolve => {
    link.onPacket = packet => resolve(packet[0]!)
  })
  expect([received, pongs]).toEqual([7, 32])
  link.close()
})
