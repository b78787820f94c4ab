import { setTimeout as delay } from 'node:timers/promises'
import type { Host, Network } from '@stt/testing'
import { expect } from 'vitest'
import type { Lab } from './lab.ts'
import type { Peer } from './peer.ts'

/** Both families: of IPv6 each interface has a link-local address. */
export const EVERYWHERE: readonly string[] = ['udp://0.0.0.0:0', 'udp://[::]:0']
/** Warnings are told as events, and are judged. */
export const FLAGS: readonly string[] = ['--no-warnings']

/** On one cable, or several. */
export interface Neighbors {
  readonly left: Host
  readonly right: Host
}

/** Two hosts on two cables, each with the bridge of its containers, and no way to anywhere else. */
export function neighbors(network: Network): Neighbors {
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

export const addressOf = (side: number, number: number): string => `10.84.${number}.${side}`

export function cable(network: Network, { left, right }: Neighbors, number: number, isBare = false): void {
  const card = `eth${number}`
  const addresses = (side: number): string[] => (isBare ? [] : [`${addressOf(side, number)}/24`])
  network.cable({ host: left, card, addresses: addresses(1) }, { host: right, card, addresses: addresses(2) })
}

export async function listener(lab: Lab, host: Host, lan: true | readonly string[] = true): Promise<Peer> {
  const peer = lab.start(host, FLAGS)
  await peer.do('listen', { addresses: EVERYWHERE, lan })
  return peer
}

/** A new process finds any node of the seed, and speaks with it. @returns how long that took, in milliseconds */
export async function finds(
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
export async function endsWell(peer: Peer, expected: readonly string[] = []): Promise<void> {
  expect((await peer.do('look', {})).faults).toBe(0)
  expect(warnings(peer)).toEqual(expected)
  await peer.close()
}

/** What `find` finds, as soon as there is something. */
export async function until<Found>(find: () => Found | undefined): Promise<Found> {
  for (;;) {
    const found = find()
    if (found !== undefined) return found
    await delay(20)
  }
}
