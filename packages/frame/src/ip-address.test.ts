import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatIpAddress, ipPrefix, isLoopback, parseIpAddress } from './ip-address.ts'

const hexOf = (address: string): string | undefined => {
  const ip = parseIpAddress(address)
  return ip && Buffer.from(ip).toString('hex')
}

test.each([
  ['10.0.0.7', '00000000000000000000ffff0a000007'],
  ['::1', '00000000000000000000000000000001'],
  ['2001:db8::7:0:1', '20010db8000000000000000700000001'],
  ['fe80::1%eth0', 'fe800000000000000000000000000001'],
  ['::ffff:10.0.0.7', '00000000000000000000ffff0a000007'],
  ['::ffff:a00:7', '00000000000000000000ffff0a000007'],
  ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
])('%s', (address, ip) => {
  expect(hexOf(address)).toBe(ip)
})

test.each([
  'example.org',
  '10.0.0.256',
  '10.0.0',
  '::1::',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:8:9',
  '1:2:3:4:5:6:7::8',
  '12345::',
  '::1.2.3',
  '::1%',
  '',
])('%j is no IP address', address => {
  expect([parseIpAddress(address), ipPrefix(address)]).toEqual([undefined, undefined])
  expect(isLoopback(address)).toBe(false)
})

test('the bytes of an IPv6 address do not depend on how it is written', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), bytes => {
      const groups = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i]! << 8) | bytes[2 * i + 1]!).toString(16))
      expect(parseIpAddress(groups.join(':'))).toEqual(bytes)
      const short = new URL(`http://[${groups.join(':')}]/`).hostname.slice(1, -1)
      expect(parseIpAddress(short)).toEqual(bytes)
    }),
  )
})

test('addresses that one person may hold at once have one prefix', () => {
  expect(ipPrefix('10.0.0.7')).toBe(ipPrefix('10.0.0.200'))
  expect(ipPrefix('10.0.0.7')).not.toBe(ipPrefix('10.0.1.7'))
  expect(ipPrefix('10.0.0.7')).toBe(ipPrefix('::ffff:10.0.0.9'))
  expect(ipPrefix('2001:db8:0:12::1')).toBe(ipPrefix('2001:db8:0:34::2'))
  expect(ipPrefix('2001:db8:0:100::1')).not.toBe(ipPrefix('2001:db8:0:200::1'))
})

test('loopback is recognised in both families', () => {
  for (const address of ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1']) expect(isLoopback(address)).toBe(true)
  for (const address of ['128.0.0.1', '::2', '10.0.0.1', '::ffff:10.0.0.1']) expect(isLoopback(address)).toBe(false)
})

// RFC 5952 §4
test.each([
  '::',
  '::1',
  '1::',
  '2001:db8::1',
  '2001:db8:0:1:1:1:1:1',
  '1:0:0:2::3',
  '1::2:0:0:3:4',
  'fe80::10:0:a',
  '10.0.0.7',
])('%s is how its bytes are written', text => {
  expect(formatIpAddress(parseIpAddress(text)!)).toBe(text)
})
