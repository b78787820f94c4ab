import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  decodeAnswer,
  decodeRequest,
  encodeAnswer,
  encodeRequest,
  ForwardProtocolError,
  HEADER_LENGTH,
  hostLength,
  type Request,
} from './protocol.ts'
import { formatTarget, parseForwarding, parseTarget } from './target.ts'

function decode(bytes: Uint8Array): Request {
  const length = hostLength(bytes.subarray(0, HEADER_LENGTH))
  expect(bytes.length).toBeGreaterThanOrEqual(HEADER_LENGTH + length)
  return decodeRequest(bytes, bytes.subarray(HEADER_LENGTH, HEADER_LENGTH + length))
}

test('a request is read as it was written, and is what FORWARD.md says', () => {
  const host = fc.stringMatching(/^[!-~]{1,253}$/)
  const kind = fc.constantFrom('connect' as const, 'check' as const)
  const request = fc.record({ kind, host, port: fc.integer({ min: 1, max: 65_535 }) })
  fc.assert(fc.property(request, each => void expect(decode(encodeRequest(each))).toEqual(each)))
  const bytes = encodeRequest({ kind: 'connect', host: 'ab', port: 0x1234 })
  expect([...bytes]).toEqual([1, 1, 0x12, 0x34, 2, 0x61, 0x62])
  expect([...encodeRequest({ kind: 'check', host: 'a', port: 1 })].slice(0, 2)).toEqual([1, 2])
})

test('any bytes are a request or throw a ForwardProtocolError', () => {
  const framed = fc
    .tuple(fc.nat(2), fc.nat(3), fc.nat(300), fc.uint8Array({ minLength: 1, maxLength: 255 }))
    .map(([version, kind, port, host]) => Uint8Array.of(version, kind, port >> 8, port & 0xff, host.length, ...host))
  const any = fc.uint8Array({ minLength: HEADER_LENGTH, maxLength: HEADER_LENGTH })
  fc.assert(
    fc.property(fc.oneof(framed, any), bytes => {
      try {
        const request = decodeRequest(bytes, bytes.subarray(HEADER_LENGTH, HEADER_LENGTH + hostLength(bytes)))
        expect(request.host).toMatch(/^[!-~]*$/)
        expect(request.port).toBeGreaterThan(0)
      } catch (error) {
        expect(error).toBeInstanceOf(ForwardProtocolError)
      }
    }),
    { numRuns: 2_000 },
  )
})

test.each([
  ['another version', [2, 1, 0, 1, 1]],
  ['another kind', [1, 3, 0, 1, 1]],
  ['no host', [1, 1, 0, 1, 0]],
  ['a host that is too long', [1, 1, 0, 1, 254]],
])('%s is refused before its host is waited for', (_, header) => {
  expect(() => hostLength(Uint8Array.from(header))).toThrow(ForwardProtocolError)
})

test('four answers there are', () => {
  for (const [byte, answer] of ['connected', 'not-exposed', 'refused', 'unreachable'].entries()) {
    expect(decodeAnswer(byte)).toBe(answer)
    expect([...encodeAnswer(answer as 'connected')]).toEqual([byte])
  }
  expect(() => decodeAnswer(4)).toThrow(ForwardProtocolError)
})

test('a host has one normal form', () => {
  const same = [
    ['LOCALHOST:80', 'localhost:80'],
    ['Bücher.example:443', 'xn--bcher-kva.example:443'],
    ['[0:0:0:0:0:0:0:1]:80', '[::1]:80'],
    ['[2001:DB8::0:1]:80', '[2001:db8::1]:80'],
    ['[fe80::1%eth0]:80', '[fe80::1%eth0]:80'],
    ['192.0.2.1:1', '192.0.2.1:1'],
  ] as const
  for (const [given, text] of same) {
    expect(formatTarget(parseTarget(given))).toBe(text)
    expect(parseTarget(text)).toEqual(parseTarget(given))
  }
})

test.each(['', 'localhost', ':80', 'localhost:', 'a:0', 'a:65536', '::1:80', '[::1]', '[a]:80', 'a b:80', 'a/b:80'])(
  'no target: %j',
  text => expect(() => parseTarget(text)).toThrow(/HOST:PORT/),
)

test('where the near side listens', () => {
  const target = { host: 'localhost', port: 80 }
  expect(parseForwarding('8080:localhost:80')).toEqual({ bind: '127.0.0.1', port: 8_080, target })
  expect(parseForwarding('0:localhost:80')).toEqual({ bind: '127.0.0.1', port: 0, target })
  expect(parseForwarding('localhost:80')).toEqual({ bind: '127.0.0.1', port: 80, target })
  expect(parseForwarding('0.0.0.0:8080:localhost:80')).toEqual({ bind: '0.0.0.0', port: 8_080, target })
  expect(parseForwarding('[::1]:8080:[::1]:80')).toEqual({
    bind: '::1',
    port: 8_080,
    target: { host: '::1', port: 80 },
  })
  for (const text of ['', '80', '8080:80', '8080:localhost', '65536:a:80', '8080:a:0', '::1:8080:a:80', 'a:b:c:1']) {
    expect(() => parseForwarding(text), text).toThrow(/HOST:PORT/)
  }
})
