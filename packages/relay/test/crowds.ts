import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { bundledProgram, measureMemory } from '@stt/testing'
import { expect } from 'vitest'
import { listenRelay } from '../src/listen-relay.ts'

const PROGRAM = await bundledProgram(join(import.meta.dirname, 'crowd-process.ts'))
const MOST = 1_000_000

/** Processes with clients of all kinds, four in each group, come and are killed: nothing is left of them. */
export async function crowdsAreKilled(times: number, groups: number): Promise<void> {
  const limits = { listenersPerAddress: MOST, listenersPerSecond: MOST, circuitsPerAddress: MOST, dialsPerSecond: MOST }
  // Places for one crowd, and for no second one beside what is left of the first.
  const places = { listeners: groups, circuits: 2 * groups, tickets: groups }
  const relay = await listenRelay({ udpPorts: false, limits: { ...limits, ...places } })
  try {
    let before = 0
    for (let i = 0; i < times; i++) {
      const crowd = spawn(process.execPath, [PROGRAM, relay.url, String(groups)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const exited = once(crowd, 'exit')
      await Promise.race([once(crowd.stdout, 'data'), exited])
      expect(relay.getStatistics()).toMatchObject({ listeners: groups, circuits: groups, tickets: groups })
      crowd.kill('SIGKILL')
      await exited
      await expect.poll(() => relay.getStatistics().links.links, { timeout: 30_000 }).toBe(0)
      expect(relay.getStatistics()).toMatchObject({ listeners: 0, circuits: 0, tickets: 0, faults: 0 })
      if (i === Math.floor(times / 5)) before = await measureMemory()
    }
    expect(relay.getStatistics().refused).toMatchObject({ full: 0, auth: 0, rate: 0, taken: 0 })
    // Names of the last 30 s are still reserved: at most four for each place of a listener.
    expect(relay.getStatistics().mailboxes).toBeLessThanOrEqual(4 * groups)
    expect((await measureMemory()) - before).toBeLessThan(2 * 1_048_576)
  } finally {
    await relay.close()
  }
}
