import { networksMissing } from '@stt/testing'
import { afterAll, describe } from 'vitest'
import { type Lab, scenario } from './lab.ts'
import type { Side } from './meeting.ts'
import * as scenarios from './scenarios.ts'
import { type Figures, record, writeTable } from './table.ts'

const MEBIBYTE = 1024 * 1024
const missing = networksMissing()
const SIDES: readonly Side[] = ['dialer', 'listener']
const SHORT = { bytes: 6 * MEBIBYTE, rate: 2 * MEBIBYTE }
/** Long enough for the try that comes ten seconds after the dial. */
const SLOW = { bytes: 6 * MEBIBYTE, rate: MEBIBYTE / 2 }

/** Milliseconds, on a machine that has much else to do. */
const LIMIT = 120_000

/**
 * Real processes: judged by how they end. What they measured is left in a table. What takes minutes to mean anything (many
 * moves, much loss, silence) is in the long run alone.
 */
describe.skipIf(missing).concurrent(missing ? `moving: SKIPPED, ${missing}` : 'sessions move', () => {
  afterAll(() => writeTable('moving'))

  const play = (name: string, run: (lab: Lab) => Promise<Figures>): void =>
    scenario(name, async ({ lab }) => record(name, await run(lab)), LIMIT)

  for (const sender of SIDES) {
    play(`udp-to-ws, the ${sender} sends`, lab => scenarios.udpToWebSocket(lab, sender, SHORT))
    play(`ws-to-udp, the ${sender} sends`, lab => scenarios.webSocketToUdp(lab, sender, SLOW))
    play(`wifi-to-lte, the ${sender} sends`, lab => scenarios.wifiToLte(lab, sender, SHORT))
    play(`ipv4-to-ipv6, the ${sender} sends`, lab => scenarios.ipv4ToIpv6(lab, sender, SHORT))
    play(`vpn, the ${sender} sends`, lab => scenarios.vpn(lab, sender, SHORT))
    play(`only small packets pass, the ${sender} sends`, lab => scenarios.onlySmallPackets(lab, sender, SHORT))
    for (const active of ['udp', 'websocket'] as const)
      for (const lost of SIDES)
        play(`blackhole-one-way, ${active}, packets of the ${lost} are lost, the ${sender} sends`, lab =>
          scenarios.blackholeOneWay(lab, active, lost, sender, SHORT),
        )
  }
  play('udp-to-ws, far away', lab => scenarios.udpToWebSocket(lab, 'dialer', SHORT, 100))
  play('ws-to-udp, far away', lab => scenarios.webSocketToUdp(lab, 'listener', SLOW, 100))
  for (const kind of ['udp', 'websocket'] as const) {
    play(`listener restarted, ${kind}`, lab => scenarios.listenerRestarted(lab, kind))
    play(`dialer killed, ${kind}`, lab => scenarios.dialerKilled(lab, kind))
  }
  for (const race of scenarios.RACES) play(`dial-race, ${race}`, lab => scenarios.dialRace(lab, race))
  play('idle-upgrade', lab => scenarios.idleUpgrade(lab))
  play('rebinding', lab => scenarios.rebinding(lab, 2, MEBIBYTE / 2))
  play('sleep', lab => scenarios.sleep(lab, 8_000, SHORT))
})
