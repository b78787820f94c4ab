import type { Host, Network } from '@stt/testing'

/** A client and a server with a router between them. */
export interface Places {
  readonly client: Host
  readonly router: Host
  readonly server: Host
}

/** Where the server listens, by carrier and family. */
export const UDP4 = 'udp://10.83.2.2:4000'
export const UDP6 = 'udp://[fd83:2::2]:4000'
export const WS4 = 'ws://10.83.2.2:4000'
export const WS6 = 'ws://[fd83:2::2]:4000'

/** The router's cards: `lan` leads to the client, `wan` to the server. */
export function oneWay(network: Network, families: readonly Family[] = BOTH): Places {
  const places = { client: network.host('client'), router: network.router('router'), server: network.host('server') }
  const { client, router, server } = places
  connect(network, client, 'eth0', router, 'lan', LAN, families)
  connect(network, server, 'eth0', router, 'wan', WAN, BOTH)
  server.ip(...defaultRoutes(WAN, BOTH))
  client.ip(...defaultRoutes(LAN, families))
  return places
}

/** The client has two cards, and uses the first: `wlan0`. The router's cards `lan` and `lte` lead to them. */
export function twoWays(network: Network): Places {
  const places = { client: network.host('client'), router: network.router('router'), server: network.host('server') }
  const { client, router, server } = places
  connect(network, client, 'wlan0', router, 'lan', LAN, BOTH)
  connect(network, client, 'wwan0', router, 'lte', LTE, BOTH)
  connect(network, server, 'eth0', router, 'wan', WAN, BOTH)
  server.ip(...defaultRoutes(WAN, BOTH))
  client.ip(...defaultRoutes(LAN, BOTH))
  return places
}

export type Family = 4 | 6
export const BOTH: readonly Family[] = [4, 6]

/** The networks of the cables. */
export const LAN = 1
const WAN = 2
export const LTE = 3
export const VPN = 4

/** A cable to a card of the router, which has the first address of the cable's network; the other end has the second. */
export function connect(
  network: Network,
  host: Host,
  card: string,
  router: Host,
  routerCard: string,
  cable: number,
  families: readonly Family[],
): void {
  const addresses = families.map(family => address(cable, family, 2))
  network.cable(
    { host, card, addresses },
    { host: router, card: routerCard, addresses: BOTH.map(family => address(cable, family, 1)) },
  )
}

/** With the length of its prefix. */
export const address = (cable: number, family: Family, host: number): string =>
  family === 4 ? `10.83.${cable}.${host}/24` : `fd83:${cable}::${host}/64`

export const defaultRoutes = (cable: number, families: readonly Family[]): string[] =>
  families.map(family =>
    family === 4 ? `route add default via 10.83.${cable}.1` : `route add ::/0 via fd83:${cable}::1`,
  )
