import { readFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { type Finding, findingsAbout, NOTHING_TO_DO } from './finding.ts'

/** An interface that leads out of this machine. */
export interface OwnInterface {
  readonly name: string
  readonly addresses: readonly string[]
  /** The MTU in bytes, if the system tells it. */
  readonly mtu: number | undefined
}

export function ownInterfaces(): readonly OwnInterface[] {
  return Object.entries(networkInterfaces()).flatMap(([name, all = []]) => {
    const addresses = all.filter(({ internal }) => !internal).map(({ address }) => address)
    return addresses.length > 0 ? [{ name, addresses, mtu: mtuOf(name) }] : []
  })
}

/** Findings from this machine's own addresses. */
export function networkFinding(interfaces: readonly OwnInterface[]): Finding {
  const find = findingsAbout('network')
  const usable = interfaces.flatMap(({ name, addresses }) => {
    const led = addresses.filter(address => !LINK_LOCAL.test(address))
    return led.length > 0 ? [`${name} has ${led.join(' and ')}`] : []
  })
  if (usable.length > 0) return find('fine', 'network-there', `${usable.join(', ')}: ${NOTHING_TO_DO}`)
  const names = interfaces.map(({ name }) => name).join(', ')
  if (names !== '') {
    const message = `${names} got no address from its network, so nothing is reached but what is on the same cable or Wi-Fi: see that its router, or whatever gives addresses there, runs`
    return find('limited', 'network-without-address', message)
  }
  return find('broken', 'network-missing', 'this machine is in no network: plug in its cable, or join a Wi-Fi')
}

/** The MTU of an interface. Only Linux tells it without another program. */
function mtuOf(name: string): number | undefined {
  if (process.platform !== 'linux') return undefined
  try {
    return Number(readFileSync(`/sys/class/net/${name}/mtu`, 'utf8')) || undefined
  } catch {
    // The interface has gone, or a container hides these files.
    return undefined
  }
}

const LINK_LOCAL = /^(169\.254\.|fe[89ab])/i
