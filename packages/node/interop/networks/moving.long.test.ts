import { networksMissing } from '@stt/testing'
import { afterAll, describe, expect } from 'vitest'
import { type Lab, scenario } from './lab.ts'
import type { Side } from './meeting.ts'
import * as scenarios from './scenarios.ts'
import { type Figures, record, writeTable } from './table.ts'

const MEBIBYTE = 1024 * 1024
const missing = networksMissing()
const SIDES: readonly Side[] = ['dialer', 'listener']
/** 100 Mbit/s. */
const LARGE = { bytes: 64 * MEBIBYTE, rate: 12_500_000 }
const SLOW = { bytes: 30 * MEBIBYTE, rate: MEBIBYTE }

/** Milliseconds that were asked for: a machine with other work to do gets three times as many. */
const times = (asked: Readonly<Record<string, number>>): Figures =>
  Object.fromEntries(Object.entries(asked).map(([name, most]) => [name, 3 * most]))

const WAITING: readonly (readonly [string, (lab: Lab) => Promise<Figures>, Figures])[] = [
  ['sleep', lab => scenarios.sleep(lab, 600_000, LARGE), times({ resumed: 5_000 })],
  ['quiet', lab => scenarios.quiet(lab, 600), { 'dialer packets/min': 8, 'listener packets/min': 8 }],
  ['rebinding', lab => scenarios.rebinding(lab, 12, MEBIBYTE / 2), times({ stall: 3_000 })],
  ['lossy-probes', lab => scenarios.lossyProbes(lab, 120), {}],
]

/** The same as in `moving.interop.test.ts` with more of everything, one after the other, and times that have to hold. */
describe.skipIf(missing)(missing ? `moving: SKIPPED, ${missing}` : 'sessions move in time', () => {
  afterAll(() => writeTable('moving-long'))

  /** @param most of each figure */
  const play = (name: string, run: (lab: Lab) => Promise<Figures>, most: Figures = {}, concurrent = false): void =>
    scenario(name, { concurrent }, async ({ lab }) => {
      const figures = await run(lab)
      record(name, figures)
      for (const [figure, limit] of Object.entries(most)) expect(figures[figure], figure).toBeLessThanOrEqual(limit!)
    })

  for (const sender of SIDES) {
    const moved = times({ stall: 5_000, moved: 5_000 })
    play(`udp-to-ws, the ${sender} sends`, lab => scenarios.udpToWebSocket(lab, sender, LARGE), moved)
    play(`ws-to-udp, the ${sender} sends`, lab => scenarios.webSocketToUdp(lab, sender, SLOW), {
      ...times({ stall: 100 }),
      'resent %': 1,
    })
    play(`wifi-to-lte, the ${sender} sends`, lab => scenarios.wifiToLte(lab, sender, LARGE), times({ stall: 3_000 }))
    play(`ipv4-to-ipv6, the ${sender} sends`, lab => scenarios.ipv4ToIpv6(lab, sender, LARGE), moved)
    play(`vpn, the ${sender} sends`, lab => scenarios.vpn(lab, sender, LARGE), times({ stall: 5_000 }))
    play(`only small packets pass, the ${sender} sends`, lab => scenarios.onlySmallPackets(lab, sender, LARGE), moved)
    for (const active of ['udp', 'websocket'] as const)
      for (const lost of SIDES)
        for (const standby of [0, 1])
          play(
            `blackhole-one-way, ${active}, packets of the ${lost} are lost, the ${sender} sends, ${standby} on standby`,
            lab => scenarios.blackholeOneWay(lab, active, lost, sender, LARGE, standby),
            moved,
          )
  }
  for (const kind of ['udp', 'websocket'] as const) {
    play(`listener restarted, ${kind}`, lab => scenarios.listenerRestarted(lab, kind), times({ heard: 1_000 }))
    play(`dialer killed, ${kind}`, lab => scenarios.dialerKilled(lab, kind))
  }
  // The next attempt begins after 250 ms, and takes 100 more and the handshake's round trips, which are short here.
  for (const race of scenarios.RACES)
    play(`dial-race, ${race}`, lab => scenarios.dialRace(lab, race), times({ connected: 350 }))
  play('idle-upgrade', lab => scenarios.idleUpgrade(lab), times({ moved: 5_000 }))
  play('flip-flop', lab => scenarios.flipFlop(lab, 20, 16, LARGE), { 'heap %': 110 })
  // These wait, and see little of each other.
  for (const [name, run, most] of WAITING) play(name, run, most, true)
})
