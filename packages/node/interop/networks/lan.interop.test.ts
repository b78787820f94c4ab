import { networksMissing } from '@stt/testing'
import { afterAll, describe } from 'vitest'
import { avahiMissing } from './avahi.ts'
import { type Lab, scenario } from './lab.ts'
import * as attacks from './lan-attacks.ts'
import * as scenarios from './lan-scenarios.ts'
import { type Figures, record, writeTable } from './table.ts'

const missing = networksMissing() ?? avahiMissing()
/** Milliseconds, on a machine that has much else to do. */
const LIMIT = 120_000

/** Real processes: judged by what they find and how they end; times are recorded. */
describe
  .skipIf(missing)
  .concurrent(missing ? `local network: SKIPPED, ${missing}` : 'found on the local network', () => {
    afterAll(() => writeTable('lan'))

    const play = (name: string, run: (lab: Lab) => Promise<Figures>): void =>
      scenario(name, async ({ lab }) => record(name, await run(lab)), LIMIT)

    // The longest comes first.
    play('wiretap', lab => attacks.wiretap(lab))
    play('flood', lab => attacks.flood(lab))
    play('the programs of the README', lab => scenarios.readme(lab))
    play('beside Avahi, on two interfaces, without a way to the internet', lab => scenarios.besideAvahi(lab))
    play('port 5353 taken', lab => scenarios.portTaken(lab))
    play('interface away for 100 ms', lab => scenarios.interfaceDownAndUp(lab, 100))
    play('interface away for 3 s', lab => scenarios.interfaceDownAndUp(lab, 3_000))
    play('a firewall that lets no mDNS in', lab =>
      scenarios.nothingHeard(
        lab,
        'nothing',
        /STT_NOT_FOUND: .*mDNS hears nothing on eth0, not even this node: a firewall/,
      ),
    )
    play('a network that passes no multicast on', lab =>
      scenarios.nothingHeard(lab, 'itself', /STT_NOT_FOUND: .*mDNS hears no other machine on eth0: .* a Wi-Fi/),
    )
    play('interface added', lab => scenarios.interfaceAdded(lab))
    play('interface added, without addresses of its own', lab => scenarios.interfaceAdded(lab, true))
  })
