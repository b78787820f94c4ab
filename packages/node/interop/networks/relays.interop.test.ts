import { networksMissing } from '@stt/testing'
import { afterAll, describe } from 'vitest'
import { type Lab, scenario } from './lab.ts'
import * as scenarios from './relay-scenarios.ts'
import { type Figures, record, writeTable } from './table.ts'

const missing = networksMissing()
/** Milliseconds, on a machine that has much else to do. */
const LIMIT = 120_000

/** Real processes: judged by how they end; times are recorded. */
describe.skipIf(missing).concurrent(missing ? `relays: SKIPPED, ${missing}` : 'sessions at relays', () => {
  afterAll(() => writeTable('relays'))

  const play = (name: string, run: (lab: Lab) => Promise<Figures>): void =>
    scenario(name, async ({ lab }) => record(name, await run(lab)), LIMIT)

  play('relay-restart', lab => scenarios.relayRestart(lab))
  for (const sender of ['dialer', 'listener'] as const) {
    play(`relay-zombie, the ${sender} sends`, lab => scenarios.relayZombie(lab, sender))
    play(`home relay killed, the ${sender} sends`, lab => scenarios.homeRelayKilled(lab, sender))
    play(`2 Mbit/s, the ${sender} sends`, lab => scenarios.slowLeg(lab, sender, 40))
  }
})
