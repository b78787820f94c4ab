import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { loopbackWithGroups } from '@stt/testing'
import { describe, expect, test } from 'vitest'
import { type Machine, pairedMachines, type Run, temporaryFolder } from '../test/stt.ts'

// mDNS on the loopback interface: no packet leaves this machine.
const loopback = await loopbackWithGroups()
const skipped = loopback === undefined ? ': SKIPPED, mDNS cannot be spoken on the loopback interface' : ''
const environment = { STT_LAN: loopback ?? 'none' }

const receive = (machine: Machine, into: string, ...args: readonly string[]): Run =>
  machine.start(['receive', 'there', '--into', into, '--listen', 'udp://127.0.0.1:0', '--listen', 'ws://127.0.0.1:0', ...args], { environment }) // biome-ignore format: one line

describe.skipIf(loopback === undefined)(`on one network, without relay and address${skipped}`, () => {
  test('machines that are paired find each other: before they have met, and by their ids', async () => {
    const [here, there] = await pairedMachines()
    const [from, into] = [temporaryFolder(), temporaryFolder()]
    // This one is of another pairing.
    const [stranger] = await pairedMachines()
    receive(stranger, temporaryFolder())
    for (const name of ['one', 'two']) {
      writeFileSync(join(from, name), name)
      const receiving = receive(here, into)
      // What the pairing is called there is known from the first meeting on.
      const called = name === 'one' ? 'there' : 'here'
      await expect.poll(() => receiving.stderr).toContain(`run there: stt send PATH… --to ${called}\n`)
      const sent = await there.run(['send', join(from, name), '--to', 'here'], { environment })
      expect([sent.code, await receiving.exit]).toEqual([0, 0])
      // The one line before the bar.
      expect(sent.stderr).toMatch(/^stt: here: over the LAN, udp:\/\/127\.0\.0\.1:\d+\n$/)
      expect(readFileSync(join(into, name), 'utf8')).toBe(name)
    }
    const waiting = there.start(['pipe', 'here', '--listen', 'ws://127.0.0.1:0'], { environment, open: true })
    // The one that made the pairing learnt the other's id.
    const pinged = await here.run(['ping', 'there', '--count', '1'], { environment })
    expect(pinged).toMatchObject({ code: 0, stdout: expect.stringContaining('over the LAN') })
    waiting.child.kill('SIGTERM')
    expect(await waiting.exit).toBe(143)
  })

  test('one that starts later is waited for, and found though an older address leads nowhere', async () => {
    const [here, there] = await pairedMachines()
    const [from, into] = [temporaryFolder(), temporaryFolder()]
    writeFileSync(join(from, 'file'), 'x')
    const first = receive(here, into, '--json')
    const { addresses } = await first.line('listening')
    const found = await there.run(['ping', 'here', '--count', '1', ...addresses.flatMap(each => ['--address', each])])
    expect(found.code).toBe(0)
    first.child.kill('SIGTERM')
    await first.exit

    const sending = there.start(['send', join(from, 'file'), '--to', 'here'], { environment })
    await expect.poll(() => sending.stderr).toMatch(/^stt: here is not there yet: run there stt receive there\n/)
    const second = receive(here, into)
    expect([await sending.exit, await second.exit]).toEqual([0, 0])
  })

  test('an error says that a machine was searched on the local network', async () => {
    const [, there] = await pairedMachines()
    const nobody = await there.run(['ping', 'here', '--timeout', '0.5'], { environment })
    expect(nobody).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/^stt: here was not reached within 0\.5 s \(run there stt receive here, .*\)\. Tried the local network\n$/), // biome-ignore format: one line
    })
  })
})

test('an interface that STT_LAN names and that is missing is reported, while waiting and in the error', async () => {
  const [here, there] = await pairedMachines()
  const lacking = { STT_LAN: `${loopback ?? 'lo'},wlan9` }
  const waiting = here.start(['pipe', 'there', '--listen', 'ws://127.0.0.1:0'], { environment: lacking, open: true })
  await expect.poll(() => waiting.stderr).toMatch(/^stt: the local network: STT_LAN names wlan9, which is not there now: there are .*\blo/m) // biome-ignore format: one line
  waiting.child.kill('SIGTERM')
  await waiting.exit
  const nobody = await there.run(['ping', 'here', '--timeout', '0.3'], { environment: { STT_LAN: 'wlan9' } })
  expect(nobody).toMatchObject({ code: 3, stderr: expect.stringContaining('Tried the local network (STT_LAN names wlan9, which is not there now') }) // biome-ignore format: one line
})

test('without a local network commands go on, and the error says so', async () => {
  const [, there] = await pairedMachines()
  const nobody = await there.run(['ping', 'here', '--timeout', '0.3', '--address', 'ws://127.0.0.1:9'])
  expect(nobody).toMatchObject({
    code: 3,
    stderr: expect.stringMatching(/Tried ws:\/\/127\.0\.0\.1:9, and not the local network \(STT_LAN is none\): nothing listens/), // biome-ignore format: one line
  })
})
