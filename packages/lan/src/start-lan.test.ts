import { randomBytes } from 'node:crypto'
import { Seed } from '@stt/crypto'
import { loopbackWithGroups } from '@stt/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { isFrom, lanInterfaces } from './lan-interfaces.ts'
import { MulticastSocket } from './multicast-socket.ts'
import { type Lan, type LanOptions, startLan } from './start-lan.ts'

// Nothing of these tests leaves this machine: mDNS on the loopback interface, which other programs use for nothing.
const loopback = await loopbackWithGroups()
const isUsed = (name: string): boolean => name === loopback

interface Started {
  readonly lan: Lan
  readonly seen: string[]
  readonly gone: string[]
  readonly problems: Error[]
  /** Resolves with the next change. */
  next(): Promise<void>
}

function started(seed: Seed, id: Uint8Array, options: Partial<LanOptions> = {}): Started {
  const [seen, gone, problems]: [string[], string[], Error[]] = [[], [], []]
  let wake = (): void => {}
  const lan = startLan({
    id,
    keys: () => [seed.deriveRendezvousKeys().lan],
    ports: () => ({ udp: 4_433, ws: 0 }),
    isUsed,
    entropy: randomBytes,
    onSeen: peer => {
      seen.push(`${Buffer.from(peer.id).toString('hex')} ${peer.addresses}`)
      wake()
    },
    onGone: each => {
      gone.push(Buffer.from(each).toString('hex'))
      wake()
    },
    onProblem: error => void problems.push(error),
    ...options,
  })
  onTestFinished(() => lan.close())
  return { lan, seen, gone, problems, next: () => new Promise<void>(resolve => void (wake = resolve)) }
}

describe.runIf(loopback)('mDNS on the loopback interface', () => {
  // spec: STT-LAN-4 STT-LAN-5
  test('two of a seed find each other, and hear when one leaves; one of another seed does not', async () => {
    const seed = Seed.generate()
    const [a, b] = [randomBytes(32), randomBytes(32)]
    const first = started(seed, a)
    const stranger = started(Seed.generate(), randomBytes(32))
    const second = started(seed, b)
    second.lan.watch()
    stranger.lan.watch()
    while (second.seen.length === 0) await second.next()
    expect(second.seen[0]).toBe(`${a.toString('hex')} udp://127.0.0.1:4433`)
    while (first.seen.length === 0) await first.next()
    await first.lan.close()
    while (second.gone.length === 0) await second.next()
    expect([second.gone[0], stranger.seen, second.problems]).toEqual([a.toString('hex'), [], []])
  })

  test('closes twice, and watches after it closed, without a word', async () => {
    const { lan, problems } = started(Seed.generate(), randomBytes(32))
    await Promise.all([lan.close(), lan.close()])
    lan.watch()
    lan.changed()
    lan.unwatch()
    lan.keysReplaced()
    expect([lan.interfaces, problems]).toEqual([[], []])
  })
})

test('an interface that cannot be used is told once, and the rest goes on', async () => {
  const { lan, problems } = started(Seed.generate(), randomBytes(32), { isUsed: () => false })
  lan.watch()
  expect([lan.interfaces, problems, lan.getStatistics()]).toEqual([[], [], { received: 0, dropped: 0, wrong: 0 }])
})

// spec: STT-LAN-7
describe('where a packet came from', () => {
  const eth = { name: 'eth0', zone: 'eth0', address: '192.168.7.5', prefixLength: 24, family: 4 } as const
  const six = { ...eth, address: 'fe80::5', prefixLength: 64, family: 6 } as const
  test.each([
    [eth, '192.168.7.200', true],
    [eth, '192.168.8.200', false],
    [eth, '127.0.0.1', false],
    [eth, 'fe80::1%eth0', false],
    [eth, 'no address', false],
    [six, 'fe80::1%eth0', true],
    [six, 'fe80::1%eth1', false],
    [six, 'fe80::1', false],
    [six, '2001:db8::1%eth0', false],
    [six, '192.168.7.5', false],
  ])('%j hears %s: %s', (where, source, isHeard) => {
    expect(isFrom(where, source)).toBe(isHeard)
  })

  test('one address of each family on each interface, and the loopback only where it is asked for', () => {
    const all = lanInterfaces(() => true)
    expect(new Set(all.map(({ name, family }) => `${name} ${family}`)).size).toBe(all.length)
    expect(lanInterfaces((_, isInternal) => !isInternal).some(({ name }) => name === loopback)).toBe(false)
  })
})

// spec: STT-LAN-8
test('an address that is gone is refused, and throws only where a caller can catch it', async () => {
  const gone = { name: 'gone0', zone: 'gone0', address: '203.0.113.77', prefixLength: 24, family: 4 } as const
  const handlers = { onPacket: () => {}, onFailed: () => {} }
  for (const where of [gone, { ...gone, family: 6, address: 'fe80::77' } as const]) {
    await expect(MulticastSocket.open(where, handlers)).rejects.toMatchObject({ code: 'STT_LISTEN_FAILED' })
  }
})
