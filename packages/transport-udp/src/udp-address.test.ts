import { isSttError } from '@stt/errors'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addressBytes, formatUdpUrl, isLoopback, parseUdpUrl } from './udp-address.ts'

test('an address survives being written and read', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), fc.integer({ min: 1, max: 65_535 }), (address, port) => {
      expect(parseUdpUrl(formatUdpUrl({ address, port }))).toEqual({ host: address, port })
    }),
  )
})

test('the bytes of an IPv6 address do not depend on how it is written', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), bytes => {
      const groups = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i]! << 8) | bytes[2 * i + 1]!).toString(16))
      expect(addressBytes(groups.join(':'))).toEqual(bytes)
      const short = new URL(`http://[${groups.join(':')}]/`).hostname.slice(1, -1)
      expect(addressBytes(short)).toEqual(bytes)
    }),
  )
})

test('IPv4 and its mapped form are the same host', () => {
  const expected = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 10, 0, 0, 7)
  for (const form of ['10.0.0.7', '::ffff:10.0.0.7', '::ffff:a00:7']) expect(addressBytes(form)).toEqual(expected)
  expect(addressBytes('fe80::1%eth0')).toEqual(addressBytes('fe80::1'))
  expect(() => addressBytes('example.org')).toThrow(/no IP address/)
})

test('what is no address is refused with how to write one', () => {
  for (const url of [
    'udp://:1',
    'udp://a',
    'udp://a:0',
    'udp://a:65536',
    'udp://::1:5',
    'udp://[a]:5',
    'ws://a:1',
    'udp://a:1/x',
  ]) {
    expect(() => parseUdpUrl(url), url).toThrow(expect.toSatisfy(error => isSttError(error, 'STT_BAD_ADDRESS')))
  }
})

test('loopback is recognised in both families', () => {
  for (const address of ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1']) expect(isLoopback(address)).toBe(true)
  for (const address of ['128.0.0.1', '::2', '10.0.0.1', '::ffff:10.0.0.1']) expect(isLoopback(address)).toBe(false)
})

test('an IPv6 address may have a zone, however it is written', () => {
  for (const url of ['udp://[fe80::1%eth0]:4433', 'udp://[fe80::1%25eth0]:4433']) {
    expect(parseUdpUrl(url)).toEqual({ host: 'fe80::1%eth0', port: 4_433 })
  }
})

test('every text is an address, or refused with how one looks', () => {
  const pieces = fc.constantFrom('udp:', '//', '[', ']', '%', '%25', ':', '::1', 'fe80::1', '@', '#', '?', '/', '\\', '0', '65536', '1', 'a', '.', '\u0000', '💥', ' ', '\n') // biome-ignore format: one line
  const texts = fc.oneof(
    fc.string(),
    fc.array(pieces).map(parts => parts.join('')),
    fc.tuple(fc.string(), fc.nat(70_000)).map(([host, port]) => `udp://${host}:${port}`),
  )
  fc.assert(
    fc.property(texts, text => {
      try {
        const { host, port } = parseUdpUrl(text)
        expect([host.length > 0, port >= 1, port <= 65_535]).toEqual([true, true, true])
      } catch (error) {
        expect(isSttError(error, 'STT_BAD_ADDRESS')).toBe(true)
        expect((error as Error).message).toContain('udp://host:port')
      }
    }),
    { numRuns: 1_000 },
  )
  expect(() => parseUdpUrl('udp://user:geheim@host:1')).toThrow(/^(?!.*geheim)/)
})
