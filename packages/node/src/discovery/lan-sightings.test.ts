import { expect, test } from 'vitest'
import { LanSightings } from './lan-sightings.ts'

const at = (host: string, port = 1): string[] => [`udp://${host}:${port}`]

/** As many as are believed. */
function tell(sightings: LanSightings, count: number, addresses: readonly string[], name = 'made up'): number {
  let believed = 0
  for (let i = 0; i < count; i++) {
    if (!sightings.believes(`${name} ${i}`, addresses)) continue
    sightings.add(`${name} ${i}`, addresses)
    believed++
  }
  return believed
}

// spec: STT-LAN-10
test.each([
  ['192.168.7.66', '192.168.7.67'],
  ['[fe80::66%eth0]', '[fe80::67%eth0]'],
])('64 nodes of one address, %s, are believed, and those of other addresses beside them', (host, other) => {
  const sightings = new LanSightings()
  expect(tell(sightings, 2_000, at(host))).toBe(64)
  expect(tell(sightings, 2_000, at(host, 2), 'others')).toBe(0)
  expect(sightings.believes('honest', at(other))).toBe(true)
  // Those that are known are known still.
  expect(sightings.believes('made up 3', at(host))).toBe(true)
})

test('a node that leaves makes room, once', () => {
  const sightings = new LanSightings()
  tell(sightings, 64, at('10.0.0.1'))
  sightings.delete('made up 5')
  sightings.delete('made up 5')
  sightings.delete('nobody')
  expect([sightings.addressesOf('made up 5'), tell(sightings, 10, at('10.0.0.1'), 'next')]).toEqual([[], 1])
})

test('the newest addresses of a node come first, each once, eight at most', () => {
  const sightings = new LanSightings()
  for (let i = 0; i < 12; i++) sightings.add('one', at('10.0.0.1', i))
  sightings.add('one', at('10.0.0.1', 9))
  const ports = [9, 11, 10, 8, 7, 6, 5, 4]
  expect(sightings.addressesOf('one')).toEqual(ports.map(port => `udp://10.0.0.1:${port}`))
  expect(sightings.believes('another', at('10.0.0.1'))).toBe(true)
})
