import { expect, test } from 'vitest'
import { ManualTimers } from '../test/manual-timers.ts'
import { ConnectionPlaces, type Place } from './connection-places.ts'
import { defaultLimits } from './limits.ts'

function placesOf(limits: Partial<typeof defaultLimits> = {}) {
  const timers = new ManualTimers()
  const places = new ConnectionPlaces({ ...defaultLimits, ...limits }, timers)
  const evicted: string[] = []
  const seated: string[] = []
  /** A connection, whose other end may `say` something. */
  const enter = (name: string, address?: string) => {
    let bytes = 0
    const place = places.enter(address, { bytesRead: () => bytes, evict: () => void evicted.push(name) })
    if (typeof place !== 'string') place.whenSeated(() => void seated.push(name))
    return { place: place as Place, say: () => void bytes++ }
  }
  return { timers, places, enter, evicted, seated }
}

const A = '10.0.0.1'
const B = '10.0.0.2'

// spec: STT-WS-22
test('places for unproved connections are limited by address and in all', () => {
  const { enter, seated, places } = placesOf({ maxUnproved: 3, maxUnprovedPerAddress: 2 })
  const first = enter('first', A)
  enter('second', A)
  expect(enter('third', A).place.waitsFor).toBe('maxUnprovedPerAddress')
  enter('fourth', B)
  expect(enter('fifth', B).place.waitsFor).toBe('maxUnproved')
  expect(seated).toEqual(['first', 'second', 'fourth'])
  first.place.leave()
  expect(seated).toEqual(['first', 'second', 'fourth', 'third'])
  expect([places.unproved, places.waiting]).toEqual([3, 1])
})

// spec: STT-WS-22
test('a new one takes the place of the oldest that is silent for a second, and no sooner', () => {
  const { timers, enter, evicted, seated, places } = placesOf({ maxUnprovedPerAddress: 2 })
  const talker = enter('talker', A)
  enter('silent', A)
  timers.advance(900)
  const third = enter('third', A)
  expect(third.place.waitsFor).toBe('maxUnprovedPerAddress')
  talker.say()
  timers.advance(500)
  expect([evicted, seated]).toEqual([['silent'], ['talker', 'silent', 'third']])
  expect(third.place.waitsFor).toBeUndefined()
  expect(places.evicted).toBe(1)
  // A connection that sent bytes and then no more is silent too.
  third.say()
  enter('fourth', A)
  timers.advance(1_500)
  expect(evicted).toEqual(['silent', 'talker'])
})

// spec: STT-WS-22
test('256 silent connections that are renewed every five seconds shut no client out', () => {
  const { timers, enter, seated } = placesOf()
  for (let round = 0; round < 5; round++) {
    for (let i = 0; i < 256; i++) enter(`attacker ${round} ${i}`, A)
    timers.advance(1_250)
    enter(`honest ${round}`, A)
    expect(seated.at(-1)).toBe(`honest ${round}`)
    timers.advance(3_750)
  }
})

// spec: STT-WS-22
test('who proved itself holds no such place, and is not sent away for silence', () => {
  const { timers, enter, evicted } = placesOf({ maxUnprovedPerAddress: 1, maxLinksPerAddress: 2, maxLinks: 3 })
  const prove = (name: string, address: string) => enter(name, address).place.prove()
  expect([prove('1', A), prove('2', A), prove('3', A)]).toEqual([undefined, undefined, 'maxLinksPerAddress'])
  timers.advance(2_000)
  expect([prove('4', B), prove('5', B)]).toEqual([undefined, 'maxLinks'])
  expect(evicted).toEqual([])
})

test('as many wait as there are places, and no more; who leaves waits no more', () => {
  const { enter, seated, timers } = placesOf({ maxUnprovedPerAddress: 1 })
  const first = enter('first', A)
  const second = enter('second', A)
  expect(enter('third', A).place).toBe('maxUnprovedPerAddress')
  second.place.leave()
  first.place.leave()
  expect(seated).toEqual(['first'])
  timers.advance(10_000)
  expect(timers.pending).toBe(0)
})

test('an address that is not known yet counts with all, and with none', () => {
  const { enter } = placesOf({ maxUnproved: 2, maxUnprovedPerAddress: 1 })
  expect([enter('1').place.waitsFor, enter('2').place.waitsFor, enter('3').place.waitsFor]).toEqual([
    undefined,
    undefined,
    'maxUnproved',
  ])
})
