import { spawn } from 'node:child_process'
import { findSecrets, inCommon } from '@stt/testing'
import { expect } from 'vitest'
import { Identity, Seed, toHex } from '../../src/index.ts'
import { secretsOf } from '../../test/secrets.ts'
import { Avahi } from './avahi.ts'
import { now } from './commands.ts'
import type { Lab } from './lab.ts'
import { cable, EVERYWHERE, endsWell, FLAGS, finds, listener, until } from './neighbors.ts'
import type { Peer } from './peer.ts'
import type { Figures } from './table.ts'

/** What somebody on a local network may do who holds no seed: listen to all that is said there, and say what he likes. */

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
  const flagsAt = (hours: number): string[] => [
    ...FLAGS,
    '--import',
    `data:text/javascript,const { now } = Date; Date.now = () => now() + ${hours * HOUR}`,
  ]
  /** What was said by mDNS while a pair of nodes was there. */
  const meeting = async (
    hours: number,
    seed: Seed,
    identities: readonly Identity[],
    more?: () => Promise<void>,
  ): Promise<Uint8Array[]> => {
    const before = capture.datagrams(5_353).length
    const [server, seeker] = [hosts.left, hosts.right].map(host => lab.start(host, flagsAt(hours), seed)) as [
      Peer,
      Peer,
    ]
    for (const [i, peer] of [server, seeker].entries()) {
      const identity = toHex(identities[i]!.toBytes())
      await peer.do('listen', { addresses: EVERYWHERE, lan: true, metadata, identity })
    }
    await finds(seeker)
    await endsWell(seeker)
    await more?.()
    await endsWell(server)
    return capture.datagrams(5_353).slice(before)
  }
  const early = await meeting(0, lab.seed, [one, two], async () => {
    const avahi = await Avahi.start(hosts.right, 'two', true)
    const unheard = lab.start(hosts.right, FLAGS)
    await finds(unheard)
    await endsWell(unheard, ['STT_ADDRESS_IN_USE'])
    await avahi.stop()
  })
  const late = await meeting(2, lab.seed, [one, two])
  const strangers = await meeting(0, Seed.generate(), [Identity.generate(), Identity.generate()])
  capture.stop()
  const secrets = { ...secretsOf(lab.seed, one, two), metadata: new TextEncoder().encode(metadata) }
  expect(findSecrets(capture.frames, secrets)).toEqual([])
  expect(inCommon(early, late, strangers)).toEqual([])
  // What is said in one hour has names in common: that is what names are for.
  const half = early.length / 2
  expect(inCommon(early.slice(0, half), early.slice(half), strangers).length).toBeGreaterThan(10)
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

/** Milliseconds. */
const HOUR = 3_600_000
