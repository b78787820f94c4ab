import type { Candidate } from '@stt/frame'
import { expect, test } from 'vitest'
import { systemClock } from '../clock.ts'
import { Guard } from '../guard.ts'
import type { SessionDriver } from '../session-driver.ts'
import { PunchBudget } from './punch-budget.ts'
import type { PunchSockets } from './punch-sockets.ts'
import { SessionPuncher, type ShareAddresses } from './session-puncher.ts'

/** What the peer is told when the session goes over a link to `remote`. */
function toldAfterMove(remote: string, share: ShareAddresses): readonly Candidate[] {
  const told: Candidate[] = []
  const driver = {
    engine: { role: 'initiator', punching: { tellObserved: (candidate: Candidate) => told.push(candidate) } },
    paths: [{ tier: 1, link: { lossy: remote.startsWith('udp'), remote } }],
    schedule: () => {},
  } as unknown as SessionDriver
  const puncher = new SessionPuncher({
    clock: { ...systemClock, setTimer: () => undefined },
    entropy: length => new Uint8Array(length),
    guard: new Guard(() => {}),
    ownAddresses: () => [],
    driver,
    network: { watch: () => () => {} },
    sockets: { use: () => () => {}, shared: { candidates: async () => [] } } as unknown as PunchSockets,
    budget: new PunchBudget(),
    share,
    warn: () => {},
    allows: () => true,
    tierOf: () => 1,
  })
  puncher.onMoved()
  puncher.stop()
  return told
}

// spec: STT-PKT-67
test.each([
  ['udp://203.0.113.7:4433', 'all', [{ source: 'observed', address: '203.0.113.7', port: 4_433 }]],
  ['udp://[2001:db8::7]:1', 'public', [{ source: 'observed', address: '2001:db8::7', port: 1 }]],
  ['udp://[fe80::7%eth0]:1', 'public', [{ source: 'observed', address: 'fe80::7', port: 1 }]],
  ['udp://203.0.113.7:4433', 'none', []],
  ['relay:wss://relay.example#00', 'all', []],
] as const)('a peer that is at %s is told so where this side shares %s', (remote, share, told) => {
  expect(toldAfterMove(remote, share)).toEqual(told)
})
