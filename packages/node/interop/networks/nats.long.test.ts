import { setTimeout as delay } from 'node:timers/promises'
import { networksMissing } from '@stt/testing'
import { describe, expect } from 'vitest'
import { isPossible, PLACES } from '../../test/nat-places.ts'
import { internet, NATS, type Nat, relayAt } from './internet.ts'
import { scenario } from './lab.ts'

const missing = networksMissing()
/** Of each pair. */
const RUNS = 10
/** Milliseconds in which a session that can go direct has done so, on a machine with other work; and after which it does not any more. */
const SOON = 20_000
const ENOUGH = 5_000

const placeOf = (nat: Nat) => PLACES[nat === 'none' ? 'public' : nat]!

/** nat-matrix with real NATs: whether a session goes direct is what the oracle says, in each of ten runs. */
describe.skipIf(missing).concurrent(missing ? `NATs: SKIPPED, ${missing}` : 'NATs, each with each', () => {
  scenario.for(NATS.flatMap(a => NATS.map((b): [Nat, Nat] => [a, b])))(
    '%s is dialed from %s',
    { timeout: RUNS * 60_000 },
    async (nats, { lab }) => {
      const { relays, sides } = internet(lab.network, nats, { routers: 4 })
      await lab.start(relays[0]!).do('relay', { port: 4_000 })
      const setup = { relays: [relayAt(0)], plainRelays: true }
      const listener = lab.start(sides[0].host)
      const { id } = await listener.do('listen', { addresses: [], ...setup })
      const canBeDirect = isPossible(placeOf(nats[0]), placeOf(nats[1]))
      for (let run = 1; run <= RUNS; run++) {
        const dialer = lab.start(sides[1].host)
        await dialer.do('connect', { addresses: [], peer: id, ...setup })
        const direct = dialer.event(event => (event.event === 'path' && event.to.kind === 'udp') || undefined)
        const isDirect = await Promise.race([direct, delay(canBeDirect ? SOON : ENOUGH, false)])
        expect([run, isDirect]).toEqual([run, canBeDirect])
        expect(await dialer.do('send', { transfer: run, bytes: 100_000 })).toMatchObject({ equal: true })
        await dialer.close()
        // Its process ends, and nobody waits for more.
        direct.catch(() => {})
      }
      await listener.close()
    },
  )
})
