import { type Host, type Network, networksMissing } from '@stt/testing'
import { describe, expect } from 'vitest'
import { type Lab, scenario } from './lab.ts'
import type { Peer } from './peer.ts'

const missing = networksMissing()

/** Public addresses, in namespaces of their own: of private ones of others no node makes anything. */
const RELAY = 'ws://198.51.100.2:4000'
const WANS = ['192.0.2', '203.0.113'] as const

type Nat = 'home' | 'random' | 'none'

interface Behind {
  readonly host: Host
  readonly router: Host
}

/** A relay on an internet of one router, and two hosts there, each behind a NAT or on it. */
function internet(
  network: Network,
  nats: readonly [Nat, Nat],
): { readonly relay: Host; readonly sides: readonly [Behind, Behind] } {
  const core = network.router('core')
  const relay = network.host('relay')
  network.cable(
    { host: relay, card: 'eth0', addresses: ['198.51.100.2/24'] },
    { host: core, card: 'relay', addresses: ['198.51.100.1/24'] },
  )
  relay.ip('route add default via 198.51.100.1')
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
  return { relay, sides: sides as unknown as readonly [Behind, Behind] }
}

async function meet(lab: Lab, nats: readonly [Nat, Nat]): Promise<{ readonly dialer: Peer; readonly listener: Peer }> {
  const { relay, sides } = internet(lab.network, nats)
  await lab.start(relay).do('relay', { port: 4_000 })
  const setup = { relays: [RELAY], plainRelays: true }
  const [listener, dialer] = [lab.start(sides[0].host), lab.start(sides[1].host)]
  const { id } = await listener.do('listen', { addresses: [], ...setup })
  await dialer.do('connect', { addresses: [], peer: id, ...setup })
  return { dialer, listener }
}

const direct = (peer: Peer): Promise<string> =>
  peer.event(event => (event.event === 'path' && event.to.kind === 'udp' ? event.to.remote : undefined))

/** Real NATs: judged by whether the session is direct, not by when. */
describe.skipIf(missing)(
  missing ? `NATs: SKIPPED, ${missing}` : 'sessions that begin at a relay, behind real NATs',
  () => {
    for (const nats of [
      ['home', 'home'],
      ['home', 'none'],
      ['none', 'random'],
    ] as const) {
      scenario(
        `${nats.join(' and ')}: it goes over UDP, and nothing is lost`,
        async ({ lab }) => {
          const { dialer, listener } = await meet(lab, nats)
          const sending = dialer.do('send', { transfer: 1, bytes: 4_000_000, rate: 2_000_000 })
          await Promise.all([direct(dialer), direct(listener)])
          expect(await sending).toMatchObject({ equal: true })
          expect(await dialer.do('look', {})).toMatchObject({ sessions: 1, faults: 0, path: { kind: 'udp' } })
        },
        60_000,
      )
    }

    scenario(
      'random and random: it stays at the relay',
      async ({ lab }) => {
        const { dialer } = await meet(lab, ['random', 'random'])
        expect(await dialer.do('send', { transfer: 1, bytes: 4_000_000, rate: 1_000_000 })).toMatchObject({
          equal: true,
        })
        expect(await dialer.do('look', {})).toMatchObject({ sessions: 1, faults: 0, path: { relayed: true } })
      },
      60_000,
    )
  },
)
