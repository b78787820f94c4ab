import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'vitest'
import { Avahi } from './avahi.ts'
import { now } from './commands.ts'
import type { Lab } from './lab.ts'
import { addressOf, cable, EVERYWHERE, endsWell, FLAGS, finds, listener, neighbors } from './neighbors.ts'
import { Program } from './program.ts'
import type { Figures } from './table.ts'

/** What nodes that share nothing but a seed find on local networks. What is returned was measured, and is judged elsewhere. */

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

/** The two programs of the README of @stt/lan, word for word. @param byRelay with the change that it says for a relay */
export async function readme(lab: Lab, byRelay = false): Promise<Figures> {
  const hosts = { left: lab.network.host('left'), right: lab.network.host('right') }
  cable(lab.network, hosts, 0)
  const text = readFileSync(new URL('../../../lan/README.md', import.meta.url), 'utf8')
  const [there, here] = [...text.matchAll(/```js\n(.*?)```/gs)].map(([, code]) => code!) as [string, string]
  const relays = `relays: ['ws://${addressOf(1, 0)}:4000'], plainRelays: true`
  const change = (code: string): string =>
    byRelay ? code.replace(/(listen: .*, )?discovery: .*(?= \}\))/, relays) : code
  const relay = byRelay ? lab.start(hosts.left, FLAGS) : undefined
  await relay?.do('relay', { port: 4_000 })
  const listening = new Program(hosts.left, change(there), lab.seed)
  const finding = new Program(hosts.right, change(here), lab.seed)
  expect(await finding.ends()).toMatch(byRelay ? /^said at (udp:|relay:ws:)/ : /^said at udp:/)
  expect(await listening.says(/hello/)).toBe('hello\n')
  relay?.kill()
  return {}
}
