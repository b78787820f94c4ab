import { isSttError } from '@stt/errors'
import { parseUdpUrl } from '@stt/transport-udp'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { badAddress, parseAddress, parseDialAddress } from './address.ts'

// spec: STT-WS-26
test.each([
  ['ws://127.0.0.1', { scheme: 'ws', host: '127.0.0.1', port: 80, path: '/' }],
  ['wss://Example.org/stt?token=1', { scheme: 'wss', host: 'example.org', port: 443, path: '/stt' }],
  ['ws://[::1]:0', { scheme: 'ws', host: '::1', port: 0, path: '/' }],
  ['udp://[fe80::1%eth0]:4433', { scheme: 'udp', host: 'fe80::1%eth0', port: 4433, path: '/' }],
  ['ws://[fe80::1%25eth0]:4433/a', { scheme: 'ws', host: 'fe80::1%eth0', port: 4433, path: '/a' }],
  ['udp://LOCALHOST:1/', { scheme: 'udp', host: 'localhost', port: 1, path: '/' }],
  ['udp://127.1:1', { scheme: 'udp', host: '127.0.0.1', port: 1, path: '/' }],
])('%s', (text, address) => {
  expect(parseAddress(text)).toEqual(address)
})

test.each([
  ['', 'looks like'],
  ['127.0.0.1:80', 'looks like'],
  ['http://127.0.0.1', 'looks like'],
  ['ws://', 'looks like'],
  ['udp://', 'needs a port'],
  ['udp://a', 'needs a port'],
  ['udp://a:99999', 'looks like'],
  ['udp://a:1/path', 'ends with its port'],
  ['udp://a:1?x=y', 'ends with its port'],
  ['udp://a b:1', 'looks like'],
  ['udp://256.1.1.1:1', 'neither a name nor an IP address'],
  ['ws://a#b', 'no #fragment'],
  ['ws://user:geheim@a', 'user name or password'],
  ['udp://geheim@a:1', 'user name or password'],
])('%j is refused: %s', (text, help) => {
  try {
    parseAddress(text)
    expect.unreachable()
  } catch (error) {
    expect(isSttError(error, 'STT_BAD_ADDRESS')).toBe(true)
    expect((error as Error).message).toContain(help)
    expect((error as Error).message).not.toContain('geheim')
  }
})

test('port 0 is accepted for listening only', () => {
  expect(() => parseDialAddress('udp://127.0.0.1:0')).toThrow(/node\.addresses/)
})

test('a value that is no text is refused as an argument', () => {
  for (const value of [undefined, null, 7, new URL('ws://a'), ['ws://a'], {}]) {
    expect(() => parseAddress(value as string)).toThrow(
      expect.toSatisfy((error: unknown) => isSttError(error, 'STT_INVALID_ARGUMENT')),
    )
  }
})

describe('every text', () => {
  const pieces = fc.constantFrom('udp:', 'ws:', 'wss:', '//', '[', ']', '%', '%25', ':', '::1', 'fe80::1', '@', '#', '?', '/', '\\', '0', '65536', '1', 'a', '.', '\u0000', '💥', ' ', '\n') // biome-ignore format: one line
  const texts = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.array(pieces).map(parts => parts.join('')),
    fc.tuple(fc.constantFrom('udp', 'ws', 'wss'), fc.string(), fc.nat(70_000)).map(([s, h, p]) => `${s}://${h}:${p}`),
  )

  test('is an address, or refused with how one looks, by both readers alike', () => {
    fc.assert(
      fc.property(texts, text => {
        const read = [parseAddress, parseUdpUrl].map(parse => {
          try {
            return parse(text)
          } catch (error) {
            expect(isSttError(error, 'STT_BAD_ADDRESS')).toBe(true)
            const { message } = error as Error
            expect([message.length < 700, [...message].every(char => char >= ' ')]).toEqual([true, true])
            return undefined
          }
        })
        const [address, udp] = read
        if (address) {
          expect(address.host.length).toBeGreaterThan(0)
          expect(address.port >= 0 && address.port <= 65_535).toBe(true)
        }
        // What the socket's reader takes is what the node's takes.
        if (udp) expect(address).toMatchObject({ scheme: 'udp', port: udp.port })
      }),
      { numRuns: 2_000 },
    )
  })

  test('is shortened in an error', () => {
    expect(badAddress('x'.repeat(100_000), 'no').message.length).toBeLessThan(300)
  })
})
