import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { MANUAL } from '../manual.ts'
import type { UdpAnswer } from './ask-udp.ts'
import { BUDGET, PROMISED } from './budget.ts'
import { lanFindings } from './look-around.ts'
import { type PunchRound, whyRelayed } from './meet-peer.ts'
import { networkFinding } from './own-network.ts'
import { proxyFindings, relayFindings } from './relay-findings.ts'
import { udpFindings } from './udp-findings.ts'

test('all parts together take less than the page promises', () => {
  const { relays, udp, peer, betterPath, pong, goodbye, otherUdpAnswers, sizes } = BUDGET
  const most = relays + Math.max(udp, otherUdpAnswers + sizes, peer + betterPath + pong + goodbye)
  expect(most).toBeLessThan(PROMISED)
  expect(BUDGET.localNetwork).toBeLessThan(relays)
  expect(MANUAL.doctor).toContain(`at most ${PROMISED / 1_000} seconds`)
})

test('why a session stays at its relay', () => {
  const passes: UdpAnswer = { family: 4, asked: [], seen: { address: '192.0.2.7', port: 1 }, mapping: 'eim' }
  const blocked: UdpAnswer = { family: 4, asked: [], mapping: 'blocked' }
  const round = (takesNewPorts: boolean, peerTakesNewPorts: boolean): PunchRound => ({ answered: 0, takesNewPorts, peerTakesNewPorts }) // biome-ignore format: one line
  const why = (udp: readonly UdpAnswer[], ...rounds: readonly PunchRound[]): string =>
    whyRelayed('laptop', udp, rounds).code
  expect(why([blocked])).toBe('relayed-udp-blocked')
  // One family that passes is enough.
  expect(why([blocked, { ...passes, family: 6 }])).toBe('relayed-no-address')
  expect(why([passes], round(true, true))).toBe('relayed-symmetric-both')
  expect(why([{ ...passes, mapping: 'edm' }], round(false, true))).toBe('relayed-symmetric-both')
  expect(why([passes], round(true, false), round(false, false))).toBe('relayed-symmetric-here')
  expect(why([passes], round(false, true))).toBe('relayed-symmetric-there')
  expect(why([passes], round(false, false))).toBe('relayed-firewall')
  expect(why([], round(false, false))).toBe('relayed-firewall')
})

test('what the interfaces say', () => {
  const of = (...addresses: readonly string[]) => networkFinding([{ name: 'eth0', addresses, mtu: 1_500 }])
  expect(of('192.168.1.5', 'fe80::1')).toMatchObject({ code: 'network-there', message: 'eth0 has 192.168.1.5: nothing to do' }) // biome-ignore format: one line
  expect(of('169.254.7.7', 'fe80::1')).toMatchObject({ code: 'network-without-address', verdict: 'limited' })
  expect(networkFinding([])).toMatchObject({ code: 'network-missing', verdict: 'broken' })
})

test('what the local network says: one address of an interface that works is enough', () => {
  const state = (heard: 'others' | 'itself' | 'nothing', answers = true, name = 'eth0') => ({ name, address: '10.0.0.1', answers, heard }) // biome-ignore format: one line
  const codes = (...interfaces: readonly ReturnType<typeof state>[]): string[] =>
    lanFindings({ isUsed: true, interfaces, problems: [] }).map(({ code, subject }) => `${code} ${subject}`)
  expect(codes(state('others'), state('nothing'), state('itself', true, 'wlan0'))).toEqual(['lan-heard eth0', 'lan-alone wlan0']) // biome-ignore format: one line
  expect(codes(state('nothing'))).toEqual(['lan-deaf eth0'])
  expect(codes(state('others', false))).toEqual(['lan-port-taken eth0'])
  expect(lanFindings({ isUsed: false, interfaces: [], problems: ['STT_LAN is none'] })).toMatchObject([{ code: 'lan-unused', verdict: 'unknown' }]) // biome-ignore format: one line
  expect(lanFindings({ isUsed: true, interfaces: [], problems: ['mDNS does not work on eth0 now'] })).toMatchObject([{ code: 'lan-troubled', verdict: 'limited' }]) // biome-ignore format: one line
})

test('a relay in the network of this machine does not show its NAT', () => {
  const own = [{ name: 'eth0', addresses: ['192.168.1.5'], mtu: undefined }]
  const seen = { address: '192.168.1.5', port: 5_000 }
  const answer: UdpAnswer = { family: 4, asked: [], seen, from: seen, mapping: 'eim', mtu: 1_228 }
  expect(udpFindings([answer], own, []).map(({ code }) => code)).toEqual(['udp-passes', 'nat-not-asked', 'mtu-reduced'])
})

test('UDP that one relay alone does not answer may be the matter of that relay', () => {
  const ask = (...addresses: readonly string[]): string => {
    const asked = addresses.flatMap(address => [4_000, 4_001].map(port => ({ address, port })))
    return udpFindings([{ family: 4, asked, mapping: 'blocked' }], [], [])[0]!.message
  }
  expect(ask('192.0.2.1')).toMatch(/port 4000 and 4001.* name a second relay/)
  expect(ask('192.0.2.1', '192.0.2.2')).not.toContain('second relay')
})

test('a proxy that is named and used for no relay is told of', () => {
  expect(proxyFindings([], { http_proxy: 'http://10.0.0.1' })).toMatchObject([{ code: 'proxy-unused', verdict: 'unknown' }]) // biome-ignore format: one line
  expect(relayFindings([], { name: 'laptop' })).toMatchObject([{ code: 'relay-none', verdict: 'limited', message: expect.stringContaining('stt pair laptop --relay URL') }]) // biome-ignore format: one line
})

test('the README has every code, and none that there is not', () => {
  const sources = ['look-around', 'meet-peer', 'own-network', 'relay-findings', 'udp-findings'].map(name =>
    readFileSync(join(import.meta.dirname, `${name}.ts`), 'utf8'),
  )
  const [about] = [/'((?:network|proxy|relay|relayed|registry|clock|udp|nat|mtu|lan|peer|path)-[a-z-]+)'/g]
  const used = new Set(sources.flatMap(text => [...text.matchAll(about!)].map(([, code]) => code!)))
  for (const each of ['udp', 'nat', 'mtu']) used.add(`${each}-unknown`)
  for (const kind of ['lan', 'direct']) used.add(`peer-${kind}`)
  const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8')
  const section = readme.slice(readme.indexOf('## Finding what is in the way'), readme.indexOf('## A chamber'))
  const listed = [...section.matchAll(/`((?:network|proxy|relay|relayed|registry|clock|udp|nat|mtu|lan|peer|path)-[a-z-]+)`/g)].map(([, code]) => code!) // biome-ignore format: one line
  expect(listed.sort()).toEqual([...used].sort())
})
