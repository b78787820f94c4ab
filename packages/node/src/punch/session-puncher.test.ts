import type { Candidate, Link } from '@stt/frame'
import { expect, test } from 'vitest'
import type { SessionDriver } from '../session/session-driver.ts'
import { systemClock } from '../time/clock.ts'
import { Guard } from '../time/guard.ts'
import { PunchBudget } from './punch-budget.ts'
import type { PunchSockets } from './punch-sockets.ts'
import { SessionPuncher, type ShareAddresses } from './session-puncher.ts'

function punching(engine: object, remote: string, share: ShareAddresses = 'all') {
  const driver = {
    engine,
    paths: [{ tier: 1, link: { lossy: remote.startsWith('udp'), remote } }],
    schedule: () => {},
  } as unknown as SessionDriver
  const link = deadLink()
  const shared = { candidates: async () => [], linksTo: () => ({ link, opener: link }) }
  const budget = new PunchBudget()
  const puncher = new SessionPuncher({
    clock: { ...systemClock, now: () => 0, setTimer: callback => void timers.push(callback), clearTimer: () => {} },
    entropy: length => new Uint8Array(length),
    guard: new Guard(() => {}),
    ownAddresses: () => [],
    driver,
    network: { watch: () => () => {} },
    sockets: { use: () => () => {}, shared } as unknown as PunchSockets,
    budget,
    share,
    warn: () => {},
    allows: () => true,
    tierOf: () => 1,
  })
  return { puncher, budget }
}

const timers: (() => void)[] = []
const deadLink = (): Link => ({ lossy: true, remote: 'udp://192.0.2.7:1' }) as unknown as Link

/** What the peer is told when the session goes over a link to `remote`. */
function toldAfterMove(remote: string, share: ShareAddresses): readonly Candidate[] {
  const told: Candidate[] = []
  const tellObserved = (candidate: Candidate) => told.push(candidate)
  const { puncher } = punching({ role: 'initiator', punching: { tellObserved } }, remote, share)
  puncher.onMoved()
  puncher.stop()
  return told
}

// spec: STT-PKT-66
test.each(['initiator', 'responder'])(
  'an %s sends to addresses that nobody named only as the node allows',
  async role => {
    const admitted: boolean[] = []
    const peerId = new Uint8Array(32)
    const take = (allowStranger: () => boolean): void => {
      for (let i = 0; i < 100; i++) admitted.push(allowStranger())
    }
    const engine = {
      role,
      peerId,
      punching: {
        begin: (_own: unknown, _targets: unknown, allowStranger: () => boolean) => take(allowStranger),
        answer: (_targets: unknown, allowStranger: () => boolean) => take(allowStranger),
      },
    }
    const { puncher } = punching(engine, 'relay:wss://relay.example#00')
    const candidates: Candidate[] = [{ source: 'observed', address: '192.0.2.7', port: 1 }]
    if (role === 'responder') puncher.onEvent({ type: 'punch', candidates })
    else {
      puncher.onEvent({ type: 'addresses', candidates })
      timers.pop()!()
    }
    await new Promise(setImmediate)
    puncher.stop()
    // 200 packets, of which the one that was named has nine.
    expect(admitted.filter(Boolean)).toHaveLength(21)
  },
)

// spec: STT-PKT-67
test.each([
  ['udp://203.0.113.7:4433', 'all', [{ source: 'observed', address: '203.0.113.7', port: 4_433 }]],
  ['udp://[2001:db8::7]:1', 'public', [{ source: 'observed', address: '2001:db8::7', port: 1 }]],
  ['udp://[fe80::7%eth0]:1', 'public', [{ source: 'observed', address: 'fe80::7', port: 1 }]],
  ['udp://203.0.113.7:4433', 'none', []],
  ['relay:wss://relay.example#00', 'all', []],
] as const)('a peer that is at %s is told its address where this side shares %s', (remote, share, told) => {
  expect(toldAfterMove(remote, share)).toEqual(told)
})
