import { expect, test } from 'vitest'
import { type Interfaces, isTunnelName, ownAddresses } from './own-addresses.ts'

const of = (cidr: string, internal = false) => ({ address: cidr.split('/')[0]!, cidr, internal })

/** What counts, as `interface address/length`, with a mark at tunnels. */
const counted = (interfaces: Interfaces): string[] =>
  ownAddresses(interfaces).map(
    ({ interfaceName, address, prefixLength, isTunnel }) =>
      `${interfaceName} ${address}/${prefixLength}${isTunnel ? ' tunnel' : ''}`,
  )

test('a Linux laptop shows its real networks, without containers, virtual machines and VPNs', () => {
  const interfaces = {
    lo: [of('127.0.0.1/8', true), of('::1/128', true)],
    wlp3s0: [of('192.168.1.23/24'), of('2001:db8:1:2:3c4d::7/64'), of('fe80::1c2d:3e4f:5a6b:7c8d/64')],
    eno1: [of('169.254.7.9/16')],
    docker0: [of('172.17.0.1/16')],
    'br-4f0e8b1c2d3a': [of('172.18.0.1/16')],
    veth1a2b3c4: [of('fe80::42/64')],
    virbr0: [of('192.168.122.1/24')],
    vmnet8: [of('192.168.200.1/24')],
    wg0: [of('10.8.0.2/24')],
    tailscale0: [of('100.101.102.103/32'), of('fd7a:115c:a1e0::1/128')],
  }
  expect(counted(interfaces)).toEqual([
    'wlp3s0 192.168.1.23/120',
    'wlp3s0 2001:db8:1:2:3c4d::7/64',
    'wg0 10.8.0.2/120 tunnel',
    'tailscale0 100.101.102.103/128 tunnel',
    'tailscale0 fd7a:115c:a1e0::1/128 tunnel',
  ])
})

test('a Mac shows its real networks, without the interfaces that have only link-local addresses', () => {
  const interfaces = {
    lo0: [of('127.0.0.1/8', true), of('::1/128', true), of('fe80::1/64', true)],
    en0: [of('fe80::8d1:2b3c:4d5e:6f70/64'), of('10.20.30.40/22'), of('2001:db8:9::40/64')],
    awdl0: [of('fe80::b0c1:aff:fe01:203/64')],
    llw0: [of('fe80::b0c1:aff:fe01:204/64')],
    utun0: [of('fe80::ce81:b1c:bd2c:69e/64')],
    utun4: [of('10.99.0.3/32')],
    feth1234: [of('10.147.17.5/24')],
  }
  expect(counted(interfaces)).toEqual([
    'en0 10.20.30.40/118',
    'en0 2001:db8:9::40/64',
    'utun4 10.99.0.3/128 tunnel',
    'feth1234 10.147.17.5/120 tunnel',
  ])
})

test('a PC with Windows shows its real networks', () => {
  const interfaces = {
    'Wi-Fi': [of('fe80::a1b2:c3d4:e5f6:789a/64'), of('192.168.0.11/24')],
    'Ethernet 2': [of('169.254.10.20/16')],
    'vEthernet (WSL (Hyper-V firewall))': [of('172.28.16.1/20')],
    'vEthernet (WSL)': [of('172.29.16.1/20')],
    'Local Area Connection': [of('10.6.0.2/24')],
    'OpenVPN Wintun': [of('10.7.0.2/24')],
    'ZeroTier One [a1b2c3d4e5f60718]': [of('10.147.17.6/24')],
    'Loopback Pseudo-Interface 1': [of('127.0.0.1/8', true), of('::1/128', true)],
  }
  expect(counted(interfaces)).toEqual([
    'Wi-Fi 192.168.0.11/120',
    'Local Area Connection 10.6.0.2/120',
    'OpenVPN Wintun 10.7.0.2/120 tunnel',
    'ZeroTier One [a1b2c3d4e5f60718] 10.147.17.6/120 tunnel',
  ])
})

test('odd answers of a system are taken: no list, no netmask, no IP address, a loopback that it does not call one', () => {
  const interfaces = {
    gone: undefined,
    eth0: [{ address: '192.0.2.7', cidr: null, internal: false }],
    eth1: [of('nonsense/24')],
    dummy0: [of('127.0.0.5/8'), of('::ffff:127.0.0.6/128')],
  }
  expect(counted(interfaces)).toEqual(['eth0 192.0.2.7/128'])
})

test.each([
  'tun0',
  'tap0',
  'utun3',
  'wg-office',
  'ppp0',
  'tailscale0',
  'Tailscale',
  'ztabcdefgh',
  'ipsec0',
  'nordlynx',
  'NordLynx',
])('%s looks like a tunnel', name => expect(isTunnelName(name)).toBe(true))

test.each(['eth0', 'enp0s31f6', 'wlan0', 'en0', 'bridge100', 'br-lan', 'Wi-Fi', 'Ethernet', 'rmnet_data0', ''])(
  '%j does not look like a tunnel',
  name => expect(isTunnelName(name)).toBe(false),
)
