import { describe, expect, test } from 'vitest'
import { counting } from '../../test/bytes.ts'
import { PeerDirectory } from './peer-directory.ts'
import type { PeerRecord } from './record.ts'

const SELF = counting(0, 32)
const UNIX = 1_782_000_000
const TTL = 150_000

const recordOf = (number: number, more: Partial<PeerRecord> = {}): PeerRecord => ({
  id: Uint8Array.of(number >>> 8, number, ...counting(9, 30)),
  seq: 1,
  expires: UNIX + 150,
  relays: ['wss://a.example'],
  ...more,
})

function events(directory: PeerDirectory): string[] {
  const all: string[] = []
  for (let event = directory.shift(); event; event = directory.shift()) all.push(`${event.type} ${event.peer.id[1]}`)
  return all
}

describe('who is there', () => {
  test('appears once, with its first source, and disappears with its last', () => {
    const directory = new PeerDirectory(SELF)
    directory.tell('a', recordOf(1), TTL, 0, UNIX)
    directory.tell('b', recordOf(1, { relays: ['wss://b.example'] }), TTL, 0, UNIX)
    directory.tell('a', recordOf(2), TTL, 0, UNIX)
    expect(events(directory)).toEqual(['appeared 1', 'appeared 2'])
    expect(directory.find(recordOf(1).id)).toMatchObject({
      seenAt: ['a', 'b'],
      places: ['wss://a.example', 'wss://b.example'],
    })
    for (const source of ['a', 'b']) directory.told(source)
    expect(events(directory)).toEqual([])
    // The next report of a is empty: 2 is gone, and 1 is where b saw it.
    directory.told('a')
    expect(events(directory)).toEqual(['disappeared 2'])
    expect(directory.find(recordOf(1).id)?.seenAt).toEqual(['b'])
    directory.told('b')
    expect([events(directory), directory.peers]).toEqual([['disappeared 1'], []])
  })

  test('disappears when its time is over, told again or not', () => {
    const directory = new PeerDirectory(SELF)
    directory.tell('a', recordOf(1), TTL, 0, UNIX)
    directory.tell('a', recordOf(1), TTL, 60_000, UNIX)
    expect(directory.deadline).toBe(210_000)
    directory.onTime(209_999)
    expect(events(directory)).toEqual(['appeared 1'])
    directory.onTime(210_000)
    expect(events(directory)).toEqual(['disappeared 1'])
    expect(directory.deadline).toBe(Number.POSITIVE_INFINITY)
  })

  test('a source that says that one left is believed for itself alone', () => {
    const directory = new PeerDirectory(SELF)
    for (const source of ['a', 'b']) directory.tell(source, recordOf(1), TTL, 0, UNIX)
    directory.untell('a', recordOf(1).id)
    expect(directory.find(recordOf(1).id)?.seenAt).toEqual(['b'])
    directory.untell('b', recordOf(1).id)
    expect(events(directory)).toEqual(['appeared 1', 'disappeared 1'])
  })
})

// spec: STT-REG-4
describe('what is not believed', () => {
  test.each<[string, PeerRecord, boolean]>([
    ['the node itself', recordOf(1, { id: SELF }), false],
    ['an older record than is known', recordOf(1, { seq: 4, relays: ['wss://evil.example'] }), true],
    ['a record that ended more than an hour ago', recordOf(2, { expires: UNIX - 3_601 }), false],
  ])('%s', (_name, record, isKnown) => {
    const directory = new PeerDirectory(SELF)
    if (isKnown) directory.tell('a', recordOf(1, { seq: 5 }), TTL, 0, UNIX)
    directory.tell('a', record, TTL, 0, UNIX)
    expect(directory.peers.map(({ places }) => places)).toEqual(isKnown ? [['wss://a.example']] : [])
  })

  test('a record by a clock that is nearly an hour wrong is', () => {
    const directory = new PeerDirectory(SELF)
    directory.tell('a', recordOf(1, { expires: UNIX - 3_599 }), TTL, 0, UNIX)
    directory.tell('a', recordOf(2, { expires: UNIX + 3_600 }), TTL, 0, UNIX)
    expect(directory.peers).toHaveLength(2)
  })

  test('made-up ids take no more room than the bound, and displace no known node', () => {
    const directory = new PeerDirectory(SELF)
    directory.tell('a', recordOf(1), TTL, 0, UNIX)
    for (let i = 2; i < 5_000; i++) directory.tell('a', recordOf(i), TTL, 0, UNIX)
    expect([directory.peers.length, directory.ignored]).toEqual([1_024, 3_975])
    directory.tell('b', recordOf(1), TTL, 0, UNIX)
    expect(directory.find(recordOf(1).id)?.seenAt).toEqual(['a', 'b'])
  })
})
