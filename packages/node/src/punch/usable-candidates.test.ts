import { type Candidate, parseIpAddress } from '@stt/frame'
import { expect, test } from 'vitest'
import type { OwnAddress } from '../addresses/own-addresses.ts'
import { usableCandidates } from './usable-candidates.ts'

const own = (address: string, prefixLength: number): OwnAddress => ({
  interfaceName: 'eth0',
  address,
  ip: parseIpAddress(address)!,
  prefixLength: address.includes(':') ? prefixLength : 96 + prefixLength,
  isTunnel: false,
})
const OWN = [own('192.168.7.2', 24), own('fd00:1::2', 64)]
const at = (address: string, port = 4_433): Candidate => ({ source: 'host', address, port })
const used = (...addresses: string[]): string[] => usableCandidates(addresses.map(address => at(address)), OWN).map(({ address }) => address) // biome-ignore format: one line

// spec: STT-PKT-65
test.each([
  '127.0.0.1',
  '127.8.8.8',
  '::1',
  '0.0.0.0',
  '0.1.2.3',
  '::',
  '169.254.169.254',
  'fe80::1',
  '224.0.0.1',
  '239.255.255.250',
  '240.0.0.1',
  '255.255.255.255',
  'ff02::1',
  '10.0.0.1',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.8.1',
  '100.64.0.1',
  'fd00:2::1',
  'fc00::1',
])('no packet is sent to %s', address => {
  expect(used(address)).toEqual([])
})

// spec: STT-PKT-65
test('candidates in an own network come first', () => {
  expect(used('203.0.113.1', '192.168.7.9', 'fd00:1::9', '172.32.0.1')).toEqual(['192.168.7.9', 'fd00:1::9', '203.0.113.1', '172.32.0.1']) // biome-ignore format: one line
})

// spec: STT-PKT-65
test('two public addresses of IPv4 and two networks of IPv6 are taken, with all their ports', () => {
  expect(used('203.0.113.1', '203.0.113.2', '203.0.113.3', '203.0.113.1')).toEqual(['203.0.113.1', '203.0.113.2', '203.0.113.1']) // biome-ignore format: one line
  expect(used('2001:db8:0:1::1', '2001:db8:0:1::2', '2001:db8:0:2::1', '2001:db8:0:3::1')).toEqual(['2001:db8:0:1::1', '2001:db8:0:1::2', '2001:db8:0:2::1']) // biome-ignore format: one line
})

test('a candidate with port 0 is refused, and so is the ninth candidate', () => {
  expect(usableCandidates([at('203.0.113.1', 0)], OWN)).toEqual([])
  expect(
    usableCandidates(
      Array.from({ length: 20 }, () => at('203.0.113.1')),
      OWN,
    ),
  ).toHaveLength(8)
})
