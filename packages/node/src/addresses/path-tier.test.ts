import { expect, test } from 'vitest'
import { ownAddresses } from './own-addresses.ts'
import { tierOf } from './path-tier.ts'

const of = (cidr: string) => ({ address: cidr.split('/')[0]!, cidr, internal: false })

const own = ownAddresses({
  eth0: [of('192.168.1.23/24'), of('2001:db8:1:2::7/64')],
  wlan0: [of('10.0.0.5/8')],
  wlan1: [of('198.51.100.9/22')],
  wg0: [of('10.8.0.2/24'), of('fd00:8::2/64')],
  tun0: [of('192.168.0.2/16')],
  ppp0: [of('172.20.0.5/24')],
  eth1: [of('172.20.0.6/24')],
})

const udpTier = (host: string): number => tierOf({ scheme: 'udp', host }, () => own)

test.each([
  ['an address beside this one’s', '192.168.1.200'],
  ['the same, mapped into IPv6', '::ffff:192.168.1.200'],
  ['this machine’s own address', '192.168.1.23'],
  ['in IPv6', '2001:db8:1:2:ffff::1'],
  ['in a large network', '10.200.3.4'],
  ['the last one of a network', '198.51.103.255'],
  ['link-local, through an interface that is none of a tunnel', 'fe80::9%eth0'],
  ['link-local by number', 'fe80::9%2'],
  ['link-local in IPv4', '169.254.3.4'],
  ['loopback', '127.0.0.1'],
  ['another loopback', '127.9.9.9'],
  ['loopback in IPv6', '::1'],
  ['loopback, mapped', '::ffff:127.0.0.1'],
])('UDP within the local network has this tier: %s', (_what, host) => {
  expect(udpTier(host)).toBe(0)
})

test.each([
  ['elsewhere', '203.0.113.7'],
  ['one bit outside of the network', '198.51.104.0'],
  ['elsewhere in IPv6', '2001:db8:1:3::1'],
  ['the other end of a tunnel', '10.8.0.1'],
  ['the same, mapped', '::ffff:10.8.0.1'],
  ['behind a tunnel in IPv6', 'fd00:8::1'],
  ['in a tunnel’s wider network', '192.168.2.1'],
  ['in a network that is a tunnel’s as well', '172.20.0.9'],
  ['link-local through a tunnel', 'fe80::9%wg0'],
  ['a name', 'example.org'],
])('other UDP has this tier: %s', (_what, host) => {
  expect(udpTier(host)).toBe(1)
})

test.each(['ws', 'wss'] as const)('%s is a tier of its own, wherever it leads', scheme => {
  expect(
    ['127.0.0.1', '192.168.1.200', '203.0.113.7', 'example.org'].map(host => tierOf({ scheme, host }, () => own)),
  ).toEqual([2, 2, 2, 2])
})

test('without own addresses only this machine and this link count as near', () => {
  const tiers = ['127.0.0.1', 'fe80::1%eth0', '192.168.1.200'].map(host => tierOf({ scheme: 'udp', host }, () => []))
  expect(tiers).toEqual([0, 0, 1])
})
