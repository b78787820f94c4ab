import { run } from './command.ts'
import { Host } from './host.ts'
import { namespaceName, removeLeftovers, removeNamespace } from './leftovers.ts'

/** The end of a cable: a card that does not exist yet, and the addresses that it gets. */
export interface Card {
  readonly host: Host
  readonly card: string
  /** With the length of their prefix: `10.83.1.2/24`, `fd83:1::2/64`. */
  readonly addresses: readonly string[]
}

/**
 * Computers and cables of a test, in network namespaces of Linux: nothing outside sees them. All is gone after `remove`,
 * and what a test left that was killed goes when the next network is made.
 */
export class Network {
  static #made = 0
  readonly #number = ++Network.#made
  readonly #hosts: Host[] = []

  constructor() {
    removeLeftovers()
  }

  host(label: string): Host {
    const host = new Host(namespaceName(this.#number, label))
    run('ip', ['netns', 'add', host.namespace])
    this.#hosts.push(host)
    // An address can be used at once: no other host has it.
    host.set({ 'ipv6/conf/all/accept_dad': 0, 'ipv6/conf/default/accept_dad': 0 })
    host.ip('link set lo up')
    return host
  }

  /** A host that passes on what is not for itself, whichever way it came. */
  router(label: string): Host {
    const host = this.host(label)
    host.set({
      'ipv4/ip_forward': 1,
      'ipv6/conf/all/forwarding': 1,
      'ipv4/conf/all/rp_filter': 0,
      'ipv4/conf/default/rp_filter': 0,
    })
    return host
  }

  /** Puts a cable between two hosts. It goes with either card: `ip('link delete wlan0')`. */
  cable(one: Card, other: Card): void {
    const end = ({ host, card }: Card): string => `name ${card} netns ${host.namespace}`
    run('ip', ['link', 'add', ...`${end(one)} type veth peer ${end(other)}`.split(' ')])
    for (const { host, card, addresses } of [one, other]) {
      host.ip(`link set ${card} up`, ...addresses.map(address => `address add ${address} dev ${card}`))
    }
  }

  /** Removes all of it, and ends what still runs there. */
  remove(): void {
    for (const { namespace } of this.#hosts.splice(0)) removeNamespace(namespace)
  }
}
