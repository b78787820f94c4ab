import { networksMissing } from '@stt/testing'
import { afterAll, describe, expect } from 'vitest'
import { type Lab, scenario } from './lab.ts'
import * as scenarios from './relay-scenarios.ts'
import { type Figures, record, writeTable } from './table.ts'

const missing = networksMissing()
/** Milliseconds that 256 KiB take at 2 Mbit/s. */
const IN_RELAY = 1_049

/** The same as in `relays.interop.test.ts`, one after the other, and times that have to hold: three times what was asked for. */
describe.skipIf(missing)(missing ? `relays: SKIPPED, ${missing}` : 'sessions at relays, in time', () => {
  afterAll(() => writeTable('relays-long'))

  const play = (name: string, run: (lab: Lab) => Promise<Figures>, most: (figures: Figures) => Figures): void =>
    scenario(name, async ({ lab }) => {
      const figures = await run(lab)
      record(name, figures)
      for (const [figure, limit] of Object.entries(most(figures))) expect(figures[figure]).toBeLessThan(3 * limit!)
    })

  play(
    'relay-restart',
    lab => scenarios.relayRestart(lab),
    () => ({ resumed: 2_000 }),
  )
  for (const sender of ['dialer', 'listener'] as const) {
    play(
      `relay-zombie, the ${sender} sends`,
      lab => scenarios.relayZombie(lab, sender),
      () => ({ stall: 30_000 }),
    )
    play(
      `home relay killed, the ${sender} sends`,
      lab => scenarios.homeRelayKilled(lab, sender),
      () => ({ stall: 5_000 }),
    )
    play(
      `2 Mbit/s, the ${sender} sends`,
      lab => scenarios.slowLeg(lab, sender, 400),
      ({ idle = 0 }) => ({ 'ping p95': idle + IN_RELAY }),
    )
  }
})
