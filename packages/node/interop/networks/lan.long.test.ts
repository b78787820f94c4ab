import { networksMissing } from '@stt/testing'
import { afterAll, describe, expect } from 'vitest'
import { avahiMissing } from './avahi.ts'
import { type Lab, scenario } from './lab.ts'
import * as scenarios from './lan-scenarios.ts'
import { type Figures, record, writeTable } from './table.ts'

const missing = networksMissing() ?? avahiMissing()

/** The same as in `lan.interop.test.ts`, one after the other, and times that have to hold: three times what was asked for. */
describe.skipIf(missing)(missing ? `local network: SKIPPED, ${missing}` : 'found on the local network, in time', () => {
  afterAll(() => writeTable('lan-long'))

  /** @param most milliseconds */
  const play = (name: string, run: (lab: Lab) => Promise<Figures>, most: Figures): void =>
    scenario(name, async ({ lab }) => {
      const figures = await run(lab)
      record(name, figures)
      for (const [figure, limit] of Object.entries(most)) expect(figures[figure]).toBeLessThan(3 * limit!)
    })

  const found = 2_000
  play('beside Avahi, on two interfaces', lab => scenarios.besideAvahi(lab), { found })
  play('port 5353 taken, and free again', lab => scenarios.portTaken(lab, true), { found, freed: 61_000 })
  play('the programs of the README, by a relay', lab => scenarios.readme(lab, true), {})
  for (const away of [10, 100, 500, 1_000, 1_900, 2_100, 3_000, 6_000, 20_000]) {
    play(`interface away for ${away} ms`, lab => scenarios.interfaceDownAndUp(lab, away), { found })
  }
  for (const isBare of [false, true]) {
    const which = isBare ? ', without addresses of its own' : ''
    play(`interface added${which}`, lab => scenarios.interfaceAdded(lab, isBare), { found })
  }
})
