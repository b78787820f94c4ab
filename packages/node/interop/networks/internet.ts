import type { Host, Network } from '@stt/testing'

/** Public addresses, in namespaces of their own: of private ones of others no node makes anything. */
const WANS = ['192.0.2', '203.0.113'] as const

/** What real routers make of those of `../../test/nat-places.ts`. */
export const NATS = ['none', 'full cone', 'home', 'poison', 'random', 'double'] as const
export type Nat = (typeof NATS)[number]

/** How the relay with this number is dialed. */
export const relayAt = (number: number): string => `ws://198.51.${100 + number}.2:4000`

export interface Internet {
  /** Where the relays are, and the first host. */
  readonly core: Host
  readonly relays: readonly Host[]
  readonly sides: readonly [Behind, Behind]
}

export interface Behind {
  readonly host: Host
  readonly router: Host
}

/**
 * Relays on an internet, and two hosts there, each behind a NAT or on it.
 *
 * @param routers of the internet, in a row between the two: with four what leaves a network with few hops does not reach another
 */
export function internet(
  network: Network,
  nats: readonly [Nat, Nat],
  { relayCount = 1, routers = 1 }: { readonly relayCount?: number; readonly routers?: number } = {},
): Internet {
  const cores = Array.from({ length: routers }, (_, i) => network.router(`core${i}`))
  const [first, last] = [cores[0]!, cores.at(-1)!]
  for (let i = 1; i < routers; i++) {
    network.cable(
      { host: cores[i - 1]!, card: 'right', addresses: [`198.18.${100 + i}.1/24`] },
      { host: cores[i]!, card: 'left', addresses: [`198.18.${100 + i}.2/24`] },
    )
    cores[i - 1]!.ip(...[`${WANS[1]}.0/24`, '198.18.1.0/24'].map(to => `route add ${to} via 198.18.${100 + i}.2`))
    cores[i]!.ip(`route add default via 198.18.${100 + i}.1`)
  }
  const relays = Array.from({ length: relayCount }, (_, i) => {
    const relay = network.host(`relay${i}`)
    const net = `198.51.${100 + i}`
    network.cable(
      { host: relay, card: 'eth0', addresses: [`${net}.2/24`] },
      { host: first, card: `relay${i}`, addresses: [`${net}.1/24`] },
    )
    relay.ip(`route add default via ${net}.1`)
    return relay
  })
  const sides = nats.map((nat, i): Behind => {
    const [router, host] = [network.router(`router${i}`), network.host(`host${i}`)]
    network.cable(
      { host: router, card: 'wan', addresses: [`${WANS[i]}.2/24`] },
      { host: i === 0 ? first : last, card: `side${i}`, addresses: [`${WANS[i]}.1/24`] },
    )
    router.ip(`route add default via ${WANS[i]}.1`)
    const lan = nat === 'none' ? `198.18.${i}` : `192.168.${i + 1}`
    if (nat === 'double') {
      const inner = network.router(`inner${i}`)
      const middle = `100.64.${i}`
      network.cable(
        { host: inner, card: 'wan', addresses: [`${middle}.2/24`] },
        { host: router, card: 'lan', addresses: [`${middle}.1/24`] },
      )
      inner.ip(`route add default via ${middle}.1`)
      inner.translate('wan')
      behind(network, inner, host, lan)
    } else behind(network, router, host, lan)
    if (nat === 'none') (i === 0 ? first : last).ip(`route replace ${lan}.0/24 via ${WANS[i]}.2`)
    else if (nat === 'full cone') router.translateOpenly('wan', `${WANS[i]}.2`)
    else router.translate('wan', { random: nat === 'random', answersItself: nat === 'poison' })
    return { host, router }
  })
  return { core: first, relays, sides: sides as unknown as readonly [Behind, Behind] }
}

function behind(network: Network, router: Host, host: Host, lan: string): void {
  network.cable(
    { host, card: 'eth0', addresses: [`${lan}.2/24`] },
    { host: router, card: 'lan', addresses: [`${lan}.1/24`] },
  )
  host.ip(`route add default via ${lan}.1`)
}
