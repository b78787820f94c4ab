import { Identity, Seed } from '@stt/crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { counting, hex } from '../test/bytes.ts'
import { homeOf, hoursAt, mailboxName, orderRelays, relayAuthority, topicName, untilHoursChange } from './names.ts'

const keys = Seed.fromBytes(counting(0, 32)).deriveRendezvousKeys()
const identity = Identity.fromPrivateKey(counting(0x20, 32))
const HOUR = 495_000

// spec: STT-RLY-2
test('two hours count: that of half an hour ago and the next, and they change at half past', () => {
  expect(hoursAt(HOUR * 3_600)).toEqual([HOUR - 1, HOUR])
  expect(hoursAt(HOUR * 3_600 + 1_799)).toEqual([HOUR - 1, HOUR])
  expect(hoursAt(HOUR * 3_600 + 1_800)).toEqual([HOUR, HOUR + 1])
  expect([hoursAt(0), hoursAt(1_799), hoursAt(5_400)]).toEqual([
    [0, 1],
    [0, 1],
    [1, 2],
  ])
  expect([untilHoursChange(0), untilHoursChange(5_400)]).toEqual([5_400, 3_600])
  expect(untilHoursChange(HOUR * 3_600)).toBe(1_800)
  expect(untilHoursChange(HOUR * 3_600 + 1_799)).toBe(1)
  expect(untilHoursChange(HOUR * 3_600 + 1_800)).toBe(3_600)
})

// spec: STT-RLY-2
test('clocks that differ by less than an hour share a name', () => {
  const time = fc.integer({ min: 1_700_000_000, max: 2_000_000_000 })
  fc.assert(
    fc.property(time, fc.integer({ min: -3_599, max: 3_599 }), (now, skew) => {
      const ours = hoursAt(now)
      expect(hoursAt(now + skew).some(hour => ours.includes(hour))).toBe(true)
    }),
  )
})

test('names of two hours, of two nodes and of two keys have nothing in common', () => {
  const other = Seed.fromBytes(counting(1, 32)).deriveRendezvousKeys()
  const names = [
    mailboxName(keys.rendezvous, identity.id, HOUR),
    mailboxName(keys.rendezvous, identity.id, HOUR + 1),
    mailboxName(keys.rendezvous, counting(7, 32), HOUR),
    mailboxName(other.rendezvous, identity.id, HOUR),
    topicName(keys.rendezvous, HOUR),
    topicName(keys.rendezvous, HOUR + 1),
  ].map(hex)
  const windows = names.map(name => new Set(Array.from({ length: 25 }, (_, i) => name.slice(2 * i, 2 * i + 16))))
  for (const [i, one] of windows.entries()) {
    for (const another of windows.slice(i + 1)) expect([...one].filter(each => another.has(each))).toEqual([])
  }
})

// spec: STT-RLY-22
test('the node orders the relays, whatever the order of the list, and a removed one moves no other', () => {
  const urls = Array.from({ length: 8 }, (_, i) => `wss://relay-${i}.example`)
  const home = homeOf(keys.rendezvous, identity.id)
  const ordered = orderRelays(home, urls)
  expect([...ordered].sort()).toEqual(urls)
  expect(orderRelays(home, [...urls].reverse())).toEqual(ordered)
  const gone = ordered[1]!
  expect(
    orderRelays(
      home,
      urls.filter(url => url !== gone),
    ),
  ).toEqual(ordered.filter(url => url !== gone))
  const firsts = new Set(
    Array.from({ length: 100 }, (_, i) => orderRelays(homeOf(keys.rendezvous, counting(i, 32)), urls)[0]),
  )
  expect(firsts.size).toBe(8)
  expect(orderRelays(home, ['wss://RELAY-0.example:443/', 'wss://relay-1.example'])).toEqual(
    orderRelays(home, ['wss://relay-0.example', 'wss://relay-1.example']).map(url =>
      url === 'wss://relay-0.example' ? 'wss://RELAY-0.example:443/' : url,
    ),
  )
})

test.each([
  ['wss://relay.example', 'relay.example:443'],
  ['ws://relay.example', 'relay.example:80'],
  ['wss://Relay.example:4433/path?query', 'relay.example:4433'],
  ['ws://[2001:DB8::1]:80', '[2001:db8::1]:80'],
])('%s is dialed as %s', (url, authority) => {
  expect(relayAuthority(url)).toBe(authority)
})

test.each(['https://relay.example', 'wss://user@relay.example', 'wss://relay.example/#part', 'relay', 7 as never])(
  '%j is no relay',
  url => {
    expect(() => relayAuthority(url)).toThrow(expect.objectContaining({ code: 'STT_BAD_ADDRESS' }))
  },
)

test('what is no key, id or time is refused', () => {
  const invalid = expect.objectContaining({ code: 'STT_INVALID_ARGUMENT' })
  expect(() => mailboxName(keys.rendezvous, counting(0, 31), HOUR)).toThrow(invalid)
  expect(() => mailboxName(counting(0, 16), identity.id, HOUR)).toThrow(invalid)
  expect(() => topicName(keys.rendezvous, -1)).toThrow(invalid)
  expect(() => hoursAt(-1)).toThrow(invalid)
  expect(() => hoursAt(1.5)).toThrow(invalid)
  expect(() => identity.mailboxToken(counting(0, 31))).toThrow(invalid)
})
