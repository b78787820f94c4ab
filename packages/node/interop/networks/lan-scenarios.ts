import { spawn } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { findSecrets, type Host, inCommon, type Network } from '@stt/testing'
import { expect } from 'vitest'
import { Identity, Seed, toHex } from '../../src/index.ts'
import { secretsOf } from '../../test/secrets.ts'
import { Avahi } from './avahi.ts'
import { now } from './commands.ts'
import type { Lab } from './lab.ts'
import type { Peer } from './peer.ts'
import type { Figures } from './table.ts'

/** What nodes that share nothing but a seed find on local networks. What is returned was measured, and is judged elsewhere. */

/** Both families: of IPv6 each interface has a link-local address. */
const EVERYWHERE = ['udp://0.0.0.0:0', 'udp://[::]:0']
/** Milliseconds. */
const HOUR = 3_600_000
/** Warnings are told as events, and are judged. */
const FLAGS = ['--no-warnings']

interface Neighbors {
  readonly left: Host
  readonly right: Host
}

/** Two hosts on two cables, each with the bridge of its containers, and no way to anywhere else. */
function neighbors(network: Network): Neighbors {
  const hosts = { left: network.host('left'), right: network.host('right') }
  cable(network, hosts, 0)
  cable(network, hosts, 1)
  for (const host of Object.values(hosts)) {
    host.ip(
      'link add docker0 type bridge',
      'address add 172.17.0.1/16 dev docker0',
      'link add veth1 type veth peer name veth2',
      'link set veth1 master docker0',
      ...['docker0', 'veth1', 'veth2'].map(card => `link set ${card} up`),
    )
    expect(host.run('ip', 'route', 'show', 'default')).toBe('')
  }
  return hosts
}

const addressOf = (side: number, number: number): string => `10.84.${number}.${side}`

function cable(network: Network, { left, right }: Neighbors, number: number, isBare = false): void {
  const card = `eth${number}`
  const addresses = (side: number): string[] => (isBare ? [] : [`${addressOf(side, number)}/24`])
  network.cable({ host: left, card, addresses: addresses(1) }, { host: right, card, addresses: addresses(2) })
}

async function listener(lab: Lab, host: Host, lan: true | readonly string[] = true): Promise<Peer> {
  const peer = lab.start(host, FLAGS)
  await peer.do('listen', { addresses: EVERYWHERE, lan })
  return peer
}

/** A new process finds any node of the seed, and speaks with it. @returns how long that took, in milliseconds */
async function finds(
  seeker: Peer,
  lan: true | readonly string[] = true,
  within = 20_000,
): Promise<{ took: number; remote: string }> {
  const { took } = await seeker.do('connect', { addresses: [], lan, within })
  expect(await seeker.do('send', { transfer: 1, bytes: 65_536 })).toMatchObject({ equal: true })
  const { path, faults } = await seeker.do('look', {})
  expect(faults).toBe(0)
  return { took, remote: path!.remote }
}

const warnings = (peer: Peer): string[] =>
  peer.events.flatMap(each => (each.event === 'warning' ? [each.code ?? each.message] : []))

/** It has met no defect, has warned of what was expected, and ends well. */
async function endsWell(peer: Peer, expected: readonly string[] = []): Promise<void> {
  expect((await peer.do('look', {})).faults).toBe(0)
  expect(warnings(peer)).toEqual(expected)
  await peer.close()
}

/** Beside Avahi on both hosts, on each of the interfaces and in both families: everybody finds what he looks for. */
export async function besideAvahi(lab: Lab): Promise<Figures> {
  const { left, right } = neighbors(lab.network)
  const avahis = await Promise.all([Avahi.start(left, 'one'), Avahi.start(right, 'two')])
  try {
    const server = await listener(lab, left)
    const took: number[] = []
    for (const lan of [true, ['eth0'], ['eth1']] as const) {
      const seeker = lab.start(right, FLAGS)
      const found = await finds(seeker, lan)
      took.push(found.took)
      const where =
        lan === true
          ? /^udp:\/\/(10\.84\.[01]\.1|\[fe80:)/
          : new RegExp(`^udp://(10\\.84\\.${lan[0]!.at(-1)}\\.1:|.*%${lan[0]})`)
      expect(found.remote).toMatch(where)
      await endsWell(seeker)
    }
    expect(await avahis[0]!.resolve('two')).toMatch(/^10\.84\.[01]\.2$/)
    expect(await avahis[1]!.resolve('one')).toMatch(/^10\.84\.[01]\.1$/)
    await endsWell(server)
    return { found: Math.max(...took) }
  } finally {
    await Promise.all(avahis.map(avahi => avahi.stop()))
  }
}

/**
 * One host has its port of mDNS taken by an Avahi that shares it with nobody: it finds others, and they do not find it.
 *
 * @param isFreed whether Avahi ends then, and they do
 */
export async function portTaken(lab: Lab, isFreed = false): Promise<Figures> {
  const { left, right } = neighbors(lab.network)
  const avahi = await Avahi.start(right, 'two', true)
  try {
    const unheard = await listener(lab, right)
    const inVain = lab.start(left, FLAGS)
    await expect(finds(inVain, true, 2_000)).rejects.toThrow('STT_NOT_FOUND')
    await endsWell(inVain)
    const server = await listener(lab, left)
    const { took } = await finds(unheard)
    await endsWell(server)
    const freed = now()
    if (isFreed) {
      await avahi.stop()
      const seeker = lab.start(left, FLAGS)
      await finds(seeker, true, 120_000)
      await endsWell(seeker)
    }
    const taken = ['eth0', 'eth1'].map(() => 'STT_ADDRESS_IN_USE')
    await endsWell(unheard, taken)
    return { found: took, ...(isFreed && { freed: now() - freed }) }
  } finally {
    await avahi.stop()
  }
}

/** A cable is pulled and put back while nodes run. @param away milliseconds */
export async function interfaceDownAndUp(lab: Lab, away: number): Promise<Figures> {
  const hosts = { left: lab.network.host('left'), right: lab.network.host('right') }
  cable(lab.network, hosts, 0)
  const server = await listener(lab, hosts.left)
  const watcher = lab.start(hosts.right, FLAGS)
  await watcher.do('listen', { addresses: EVERYWHERE, lan: true })
  await watcher.do('watch', {})
  await watcher.event(each => (each.event === 'peer' && each.type === 'appeared') || undefined)
  hosts.left.ip('link set eth0 down')
  await delay(away)
  hosts.left.ip('link set eth0 up')
  const back = now()
  const newcomer = lab.start(hosts.right, FLAGS)
  await finds(newcomer)
  const found = now() - back
  await finds(watcher)
  await finds(server)
  for (const peer of [newcomer, watcher, server]) await endsWell(peer)
  return { found }
}

/**
 * Nodes that run already are put on a network, where a new IPv6 address may not be used for a moment.
 *
 * @param isBare whether the cards have no other address than that which IPv6 gives every card
 */
export async function interfaceAdded(lab: Lab, isBare = false): Promise<Figures> {
  const hosts = { left: lab.network.host('left'), right: lab.network.host('right') }
  for (const host of Object.values(hosts))
    host.set({ 'ipv6/conf/all/accept_dad': 1, 'ipv6/conf/default/accept_dad': 1 })
  const server = await listener(lab, hosts.left)
  const seeker = lab.start(hosts.right, FLAGS)
  const finding = finds(seeker, true, 60_000)
  await delay(3_000)
  cable(lab.network, hosts, 0, isBare)
  const added = now()
  const { remote } = await finding
  const found = now() - added
  if (isBare) expect(remote).toContain('[fe80:')
  for (const peer of [seeker, server]) await endsWell(peer)
  return { found }
}

/** No mDNS of others gets into a host, or none at all: who looks for somebody there is told why he may not be found. */
export async function nothingHeard(lab: Lab, heard: 'itself' | 'nothing', says: RegExp): Promise<Figures> {
  const hosts = { left: lab.network.host('left'), right: lab.network.host('right') }
  cable(lab.network, hosts, 0)
  const server = await listener(lab, hosts.left)
  const ofOthers = `ether saddr ${hosts.left.run('cat', '/sys/class/net/eth0/address').trim()}`
  const blocked = hosts.right.drop(`${heard === 'itself' ? ofOthers : ''} udp dport 5353`)
  const seeker = lab.start(hosts.right, FLAGS)
  await expect(finds(seeker, true, 4_000)).rejects.toThrow(says)
  const { lan } = await seeker.do('look', {})
  expect(lan.map(each => each.heard)).toEqual([heard, heard])
  blocked.remove()
  const { took } = await finds(seeker)
  for (const peer of [seeker, server]) await endsWell(peer)
  return { found: took }
}

/**
 * Somebody keeps all that passes by a cable while nodes announce themselves, ask from the port of mDNS and from another one,
 * find each other, speak and say goodbye: he reads nothing of theirs, and links nothing of one hour with another.
 */
export async function wiretap(lab: Lab): Promise<Figures> {
  const hosts = { left: lab.network.host('left'), right: lab.network.host('right') }
  cable(lab.network, hosts, 0)
  const capture = await hosts.left.capture('eth0')
  const [one, two] = [Identity.generate(), Identity.generate()]
  const metadata = 'a name that nobody else may read'
  /** What was said by mDNS while a pair of nodes was there. */
  const meeting = async (hours: number, seed: Seed, identities: readonly Identity[]): Promise<Uint8Array[]> => {
    const before = capture.datagrams(5_353).length
    const flags = [
      ...FLAGS,
      '--import',
      `data:text/javascript,const { now } = Date; Date.now = () => now() + ${hours * HOUR}`,
    ]
    const [server, seeker] = [hosts.left, hosts.right].map(host => lab.start(host, flags, seed)) as [Peer, Peer]
    for (const [i, peer] of [server, seeker].entries()) {
      await peer.do('listen', { addresses: EVERYWHERE, lan: true, metadata, identity: toHex(identities[i]!.toBytes()) })
    }
    await finds(seeker)
    await endsWell(seeker)
    const avahi = await Avahi.start(hosts.right, 'two', true)
    const unheard = lab.start(hosts.right, flags, seed)
    await finds(unheard)
    await endsWell(unheard, ['STT_ADDRESS_IN_USE'])
    await avahi.stop()
    await endsWell(server)
    return capture.datagrams(5_353).slice(before)
  }
  const early = await meeting(0, lab.seed, [one, two])
  const late = await meeting(2, lab.seed, [one, two])
  const strangers = await meeting(0, Seed.generate(), [Identity.generate(), Identity.generate()])
  const again = await meeting(0, lab.seed, [one, two])
  capture.stop()
  const secrets = { ...secretsOf(lab.seed, one, two), metadata: new TextEncoder().encode(metadata) }
  expect(findSecrets(capture.frames, secrets)).toEqual([])
  expect(inCommon(early, late, strangers)).toEqual([])
  // Those of one hour have names in common: that is what names are for.
  expect(inCommon(early, again, strangers).length).toBeGreaterThan(10)
  return { packets: capture.frames.length }
}

/** Somebody repeats what a node said, ten thousand times a second: the node is found meanwhile. */
export async function flood(lab: Lab): Promise<Figures> {
  const hosts = { left: lab.network.host('left'), right: lab.network.host('right') }
  cable(lab.network, hosts, 0)
  hosts.left.ip('address add 10.84.0.9/24 dev eth0')
  const capture = await hosts.left.capture('eth0')
  const server = await listener(lab, hosts.left)
  const watcher = await listener(lab, hosts.right)
  // An answer, as its header says.
  const announced = await until(() => capture.datagrams(5_353).find(packet => packet[2] === 0x84))
  capture.stop()
  const before = (await watcher.do('look', {})).heap
  const arrived = hosts.right.count('ip saddr 10.84.0.9 udp dport 5353')
  const [ip, ...words] = hosts.left.prefix
  const flooder = spawn(ip!, [...words, process.execPath, '-e', FLOOD, Buffer.from(announced).toString('hex')], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const began = now()
  await until(() => arrived.packets > 1_000 || undefined)
  const seeker = lab.start(hosts.right, FLAGS)
  const { took } = await finds(seeker)
  await until(() => arrived.packets > 20_000 || undefined)
  const rate = (1_000 * arrived.packets) / (now() - began)
  flooder.kill('SIGKILL')
  const after = (await watcher.do('look', {})).heap
  for (const peer of [seeker, watcher, server]) await endsWell(peer)
  return { found: took, 'packets/s': rate, 'heap %': (100 * after) / before }
}

/** What `find` finds, as soon as there is something. */
async function until<Found>(find: () => Found | undefined): Promise<Found> {
  for (;;) {
    const found = find()
    if (found !== undefined) return found
    await delay(20)
  }
}

/** Says what it is given from an address of its own. */
const FLOOD = `
const socket = require('dgram').createSocket({ type: 'udp4', reuseAddr: true })
const packet = Buffer.from(process.argv[1], 'hex')
socket.bind(5353, '10.84.0.9', () => {
  socket.setMulticastInterface('10.84.0.9')
  setInterval(() => {
    for (let i = 0; i < 100; i++) socket.send(packet, 5353, '224.0.0.251')
  }, 10)
})
`
