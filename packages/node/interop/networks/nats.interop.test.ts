import { networksMissing } from '@stt/testing'
import { describe, expect } from 'vitest'
import { internet, type Nat, relayAt } from './internet.ts'
import { type Lab, scenario } from './lab.ts'
import type { Peer } from './peer.ts'

const missing = networksMissing()

async function meet(lab: Lab, nats: readonly [Nat, Nat]): Promise<{ readonly dialer: Peer; readonly listener: Peer }> {
  const { relays, sides } = internet(lab.network, nats)
  await lab.start(relays[0]!).do('relay', { port: 4_000 })
  const setup = { relays: [relayAt(0)], plainRelays: true }
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
