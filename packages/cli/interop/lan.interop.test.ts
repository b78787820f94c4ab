import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Network, networksMissing } from '@stt/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { pairedMachines, temporaryFolder } from '../test/stt.ts'

const missing = networksMissing()
/** All interfaces, as without the variable. */
const environment = { STT_LAN: '' }

describe.skipIf(missing)(missing ? `a cable: SKIPPED, ${missing}` : 'two machines on a cable', () => {
  test('a file goes from one to the other that knows only its name', async () => {
    const network = new Network()
    onTestFinished(() => network.remove())
    const hosts = [network.host('here'), network.host('there')]
    const [one, other] = hosts.map((host, i) => ({ host, card: 'eth0', addresses: [`192.168.7.${i + 1}/24`] }))
    network.cable(one!, other!)
    const [here, there] = await pairedMachines()
    const [from, into] = [temporaryFolder(), temporaryFolder()]
    writeFileSync(join(from, 'file'), randomBytes(3_000_000))
    const receiving = here.start(['receive', 'there', '--into', into], { within: hosts[0]!.prefix, environment })
    await expect.poll(() => receiving.stderr).toContain('waiting for there')
    const sent = await there.run(['send', join(from, 'file'), '--to', 'here'], {
      within: hosts[1]!.prefix,
      environment,
    })
    expect([sent.code, await receiving.exit]).toEqual([0, 0])
    expect(sent.stderr).toMatch(/^stt: here: over the LAN, udp:\/\/\S+\n$/)
    expect(readFileSync(join(into, 'file')).equals(readFileSync(join(from, 'file')))).toBe(true)
  })
})
