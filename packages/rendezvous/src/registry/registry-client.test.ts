import { Identity, Seed } from '@stt/crypto'
import { describe, expect, test } from 'vitest'
import { AUTHORITY } from '../../test/bench-leg.ts'
import { counting, hex, seeded } from '../../test/bytes.ts'
import { encodeNo } from '../messages/encode.ts'
import { slotName, topicName } from '../names.ts'
import { RegistryEngine } from '../server/registry-engine.ts'
import { decodeRegistryMessage } from './decode.ts'
import { encodeRecords, encodeStored } from './encode.ts'
import { RegistryClient, type RegistryClientEvent } from './registry-client.ts'

const { rendezvous, access } = Seed.fromBytes(counting(0, 32)).deriveRendezvousKeys()

/** A client and a registry in virtual time, joined by hand. */
class Bench {
  readonly identity = Identity.fromPrivateKey(counting(40, 32))
  registry = new RegistryEngine<object>({ entropy: seeded(), keys: [access], authorities: [AUTHORITY] })
  readonly client = new RegistryClient({
    url: 'wss://relay.example',
    access,
    records: hours =>
      hours.map(hour => {
        const topic = topicName(rendezvous, hour)
        return { topic, token: this.identity.slotToken(topic), blob: new Uint8Array(544).fill(this.fill) }
      }),
    topics: hours => hours.map(hour => topicName(rendezvous, hour)),
    entropy: seeded(3),
  })
  readonly events: RegistryClientEvent[] = []
  /** When each connection was opened. */
  readonly dialed: number[] = []
  now = 0
  unix = 1_782_000_000
  fill = 1
  /** Whether the registry answers. */
  isUp = true
  /** Answers in place of the registry. */
  answer: ((packet: Uint8Array) => Uint8Array[]) | undefined
  onSaid: (packet: Uint8Array) => void = () => {}
  #link: object | undefined

  drain(): void {
    for (let isBusy = true; isBusy; ) {
      const mine = this.client.poll(this.now, this.unix + Math.floor(this.now / 1_000))
      isBusy = mine.type !== 'timeout'
      if (mine.type === 'transmit') this.#say(mine.packet)
      else if (mine.type === 'event') this.#handle(mine.event)
      isBusy = this.#hear() || isBusy
    }
  }

  advance(milliseconds: number): void {
    const end = this.now + milliseconds
    for (;;) {
      this.drain()
      const mine = this.client.poll(this.now, this.unix + Math.floor(this.now / 1_000))
      const theirs = this.registry.poll(this.now)
      const at = Math.min(mine.type === 'timeout' ? mine.at : 0, theirs.type === 'timeout' ? theirs.at : 0)
      if (at > end) break
      this.now = Math.max(this.now, at)
    }
    this.now = end
    this.drain()
  }

  breakConnection(): void {
    this.registry.closed(this.#link!, this.now)
    this.#link = undefined
    this.client.closed(this.now)
    this.drain()
  }

  count(type: RegistryClientEvent['type']): number {
    return this.events.filter(each => each.type === type).length
  }

  get found(): string[] {
    return this.events.flatMap(each => (each.type === 'found' ? each.entries.map(({ slot }) => hex(slot)) : []))
  }

  #say(packet: Uint8Array): void {
    this.onSaid(packet)
    if (this.answer) for (const each of this.answer(packet)) this.client.receive(each, this.now)
    else if (this.#link) this.registry.receive(this.#link, packet, this.now)
  }

  #hear(): boolean {
    const theirs = this.registry.poll(this.now)
    if (theirs.type === 'transmit') this.client.receive(theirs.packet, this.now)
    else if (theirs.type === 'event' && theirs.event.type === 'close' && !this.answer) {
      this.#link = undefined
      this.client.closed(this.now)
    }
    return theirs.type !== 'timeout'
  }

  #handle(event: RegistryClientEvent): void {
    this.events.push(event)
    if (event.type === 'close') {
      if (this.#link) this.registry.closed(this.#link, this.now)
      this.#link = undefined
    } else if (event.type === 'open') {
      this.dialed.push(this.now)
      if (!this.isUp) return this.client.closed(this.now)
      this.#link = {}
      this.client.opened(this.now)
      this.registry.opened(this.#link, { address: 'a' }, this.now, this.unix)
    }
  }
}

function publishing(): Bench {
  const bench = new Bench()
  bench.client.publish(0)
  bench.drain()
  return bench
}

describe('a node that says where it is', () => {
  // spec: STT-REG-11
  test('does so in the topics of both hours, again each 60 s, and with a proof where that is asked for', () => {
    const bench = publishing()
    expect(bench.count('published')).toBe(2)
    expect(bench.registry.getStatistics()).toMatchObject({ records: 2, topics: 2, puts: 2, clients: 1 })
    bench.advance(59_999)
    expect(bench.registry.getStatistics().puts).toBe(2)
    bench.advance(1)
    expect(bench.registry.getStatistics().puts).toBe(4)
    bench.advance(3_600_000)
    expect(bench.registry.getStatistics()).toMatchObject({ records: 2, refused: { auth: 0, rate: 0, full: 0 } })
    expect(bench.dialed).toEqual([0])
  })

  // spec: STT-REG-11
  test('does so at once when its hours change', () => {
    const bench = new Bench()
    // Ten seconds before half past.
    bench.unix = 3_600 * 495_000 + 1_790
    bench.client.publish(0)
    bench.advance(9_999)
    expect(bench.registry.getStatistics().topics).toBe(2)
    bench.advance(1)
    expect(bench.registry.getStatistics()).toMatchObject({ topics: 3, puts: 4 })
  })

  // spec: STT-REG-11
  test('says at once what is another than before, and not more often than each second', () => {
    const bench = publishing()
    bench.advance(5_000)
    bench.fill = 2
    bench.client.publish(bench.now)
    bench.drain()
    expect(bench.registry.getStatistics().puts).toBe(4)
    for (let i = 0; i < 50; i++) {
      bench.client.publish(bench.now)
      bench.drain()
    }
    expect(bench.registry.getStatistics().puts).toBe(4)
    bench.advance(1_000)
    expect(bench.registry.getStatistics().puts).toBe(6)
  })

  // spec: STT-REG-11
  test('takes it out when it stops', () => {
    const bench = publishing()
    bench.client.stop()
    bench.drain()
    expect(bench.registry.getStatistics()).toMatchObject({ records: 0, clients: 0 })
    expect(bench.client.poll(bench.now, bench.unix)).toEqual({ type: 'timeout', at: Number.POSITIVE_INFINITY })
  })

  test('comes back by itself when the connection ends, with pauses that grow', () => {
    const bench = publishing()
    bench.advance(20_000)
    bench.isUp = false
    bench.breakConnection()
    bench.advance(60_000)
    const pauses = bench.dialed.slice(1).map((at, i) => at - bench.dialed[i]!)
    expect(pauses.slice(1, 3)).toEqual([500, 1_000])
    expect(bench.dialed.length).toBeLessThan(40)
    bench.isUp = true
    bench.client.networkChanged(bench.now)
    bench.drain()
    expect(bench.count('published')).toBe(4)
  })

  test('a registry that ends each connection as soon as it answered is not dialed more and more', () => {
    const bench = publishing()
    for (let i = 0; i < 300; i++) {
      if (bench.count('published') > 0) bench.events.length = 0
      if (bench.registry.getStatistics().clients > 0) bench.breakConnection()
      bench.advance(200)
    }
    expect(bench.dialed.length).toBeLessThan(40)
  })
})

describe('a node that looks for others', () => {
  // spec: STT-REG-12
  test('asks at once, after 1, 3, 6 and 9 s, then each 20 s; and is connected no longer than it looks', () => {
    const other = publishing()
    const bench = new Bench()
    bench.registry = other.registry
    bench.client.watch(0)
    bench.drain()
    const slots = [494_999, 495_000, 495_001]
      .map(hour => topicName(rendezvous, hour))
      .map(topic => hex(slotName(topic, bench.identity.slotToken(topic))))
    expect(bench.found.every(slot => slots.includes(slot))).toBe(true)
    expect([bench.found.length, bench.count('asked')]).toEqual([2, 1])
    const times = [999, 1, 1_999, 1, 2_999, 1, 2_999, 1, 19_999, 1].map(time => {
      bench.advance(time)
      return bench.count('asked')
    })
    expect(times).toEqual([1, 2, 2, 3, 3, 4, 4, 5, 5, 6])
    bench.client.unwatch()
    bench.drain()
    expect(bench.events.at(-1)).toEqual({ type: 'close' })
    expect(bench.client.poll(bench.now, bench.unix)).toEqual({ type: 'timeout', at: Number.POSITIVE_INFINITY })
  })

  test('however often a program begins to look, it asks once a second', () => {
    const bench = new Bench()
    for (let i = 0; i < 100; i++) {
      bench.client.watch(bench.now)
      bench.advance(10)
    }
    expect(bench.registry.getStatistics().gets).toBeLessThanOrEqual(4)
    expect(bench.count('lost')).toBe(0)
  })

  // spec: STT-REG-7
  test('shows no proof to a registry that asks for none', () => {
    const bench = new Bench()
    bench.registry = new RegistryEngine<object>({ entropy: seeded() })
    let wasProved: boolean | undefined
    bench.onSaid = packet => {
      const message = decodeRegistryMessage(packet)
      wasProved = 'proof' in message && message.proof !== undefined
    }
    bench.client.watch(0)
    bench.drain()
    expect([bench.count('asked'), wasProved]).toEqual([1, false])
  })
})

// spec: STT-REG-13
describe('a registry that does what none does', () => {
  const blob = new Uint8Array(544)
  const entries = Array.from({ length: 32 }, (_, i) => ({ slot: new Uint8Array(16).fill(i), blob }))
  const [page] = encodeRecords(entries)
  const more = page!.map((byte, i) => (i === 1 ? 1 : byte))
  test.each<[string, Uint8Array[], string]>([
    ['answers GET with STORED', [encodeStored()], 'it answers another thing than it was asked'],
    ['says more than a topic holds', [more, more, more], 'it has more records than a topic holds'],
    ['sends what cannot be read', [Uint8Array.of(1)], 'it sent a message that no registry sends'],
    ['says no', [encodeNo('auth', 60_000)], 'it said no: auth'],
    ['says no, come back next year', [encodeNo('full', 2 ** 32 - 1)], 'it said no: full'],
    ['answers more than it was asked', Array(5).fill(page!), 'it answers what it was not asked'],
    ['does not answer', [], 'it does not answer'],
  ])('%s: it is left, and tried again within ten minutes', (_name, answers, reason) => {
    const bench = new Bench()
    bench.answer = () => answers
    bench.client.watch(0)
    bench.advance(10_001)
    expect(bench.events.find(({ type }) => type === 'lost')).toEqual({ type: 'lost', reason })
    expect(bench.dialed.length).toBeLessThan(30)
    bench.answer = undefined
    bench.advance(600_000)
    expect(bench.count('asked')).toBeGreaterThan(0)
  })

  test('a topic that is full is told, and tried again', () => {
    const bench = new Bench()
    bench.answer = () => [encodeNo('full', 60_000)]
    bench.client.publish(0)
    bench.drain()
    expect([bench.count('refused'), bench.count('lost'), bench.count('published')]).toEqual([2, 0, 0])
    bench.answer = undefined
    bench.advance(60_000)
    expect(bench.count('published')).toBe(2)
  })
})
