import { isSttError } from '@stt/errors'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatUdpUrl, parseUdpUrl } from './udp-address.ts'

test('an address survives being written and read', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), fc.integer({ min: 1, max: 65_535 }), (address, port) => {
      expect(parseUdpUrl(formatUdpUrl({ address, port }))).toEqual({ host: address, port })
    }),
  )
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
