import type { Host, Network } from '@stt/testing'

/** Public addresses, in namespaces of their own: of private ones of others no node makes anything. */
const WANS = ['192.0.2', '203.0.113'] as const

export type Nat = 'home' | 'random' | 'none'

/** How the relay with this number is dialed. */
export const relayAt = (number: number): string => `ws://198.51.${100 + number}.2:4000`

export interface Behind {
  readonly host: Host
  readonly router: Host
}

/** Relays on an internet of one router, and two hosts there, each behind a NAT or on it. */
export function internet(
  network: Network,
  nats: readonly [Nat, Nat],
  relayCount = 1,
): { readonly core: Host; readonly relays: readonly Host[]; readonly sides: readonly [Behind, Behind] } {
  const core = network.router('core')
  const relays = Array.from({ length: relayCount }, (_, i) => {
    const relay = network.host(`relay${i}`)
    const net = `198.51.${100 + i}`
    network.cable(
      { host: relay, card: 'eth0', addresses: [`${net}.2/24`] },
      { host: core, card: `relay${i}`, addresses: [`${net}.1/24`] },
    )
    relay.ip(`route add default via ${net}.1`)
    return relay
  })
  const sides = nats.map((nat, i): Behind => {
    const [router, host] = [network.router(`router${i}`), network.host(`host${i}`)]
    network.cable(
      { host: router, card: 'wan', addresses: [`${WANS[i]}.2/24`] },
      { host: core, card: `side${i}`, addresses: [`${WANS[i]}.1/24`] },
    )
    const lan = nat === 'none' ? `198.18.${i}` : `192.168.${i + 1}`
    network.cable(
      { host, card: 'eth0', addresses: [`${lan}.2/24`] },
      { host: router, card: 'lan', addresses: [`${lan}.1/24`] },
    )
    host.ip(`route add default via ${lan}.1`)
    router.ip(`route add default via ${WANS[i]}.1`)
    if (nat === 'none') core.ip(`route add ${lan}.0/24 via ${WANS[i]}.2`)
    else router.translate('wan', { random: nat === 'random' })
    return { host, router }
  })
  return { core, relays, sides: sides as unknown as readonly [Behind, Behind] }
}
