import { createRandom } from '@stt/testing'
import { describe, expect, test } from 'vitest'
import { Tier } from '../src/index.ts'
import { type Direction, type NetworkOptions, World, type WorldOptions } from './lossy/path-world.ts'

/** Of each case; a hundred in the long run. */
const SEEDS = Math.max(6, Number(process.env['STT_SEEDS'] ?? 0))

const conditions = (seed: number) => {
  const random = createRandom(seed).fork('conditions')
  const delay = 5 + random.integer(40)
  return { toServer: { delay, jitter: random.integer(5) }, toClient: { delay, jitter: random.integer(5) } }
}

/** UDP, and the WebSocket that is there in its place: better and worse where `best` is the first. */
const udp = (seed: number): NetworkOptions => ({ kind: 'datagram', tier: Tier.Datagram, ...conditions(2 * seed) })
const ws = (seed: number): NetworkOptions => ({ kind: 'message', tier: Tier.Message, ...conditions(2 * seed + 1) })

/** A world that has run for a while, so that what waits for its turn is proved. */
function settled(options: WorldOptions): World {
  const world = new World(options)
  world.loop.runUntil(1_000 + ((options.seed * 37) % 900))
  return world
}

/** Runs `body` over all seeds; of a hundred one may fail. */
function ofHundred(body: (seed: number) => void): void {
  const only = process.env['STT_SEED']
  if (only !== undefined) return body(Number(only))
  const failures: string[] = []
  for (let seed = 1; seed <= SEEDS; seed++) {
    try {
      body(seed)
    } catch (error) {
      failures.push(`seed ${seed}: ${(error as Error).message.split('\n')[0]}`)
    }
  }
  expect(failures.slice(Math.floor(SEEDS / 100))).toEqual([])
}

const DIRECTIONS: readonly Direction[] = ['toServer', 'toClient']
const SENDERS = ['the initiator', 'the responder', 'both'] as const
const CASES = DIRECTIONS.flatMap(direction =>
  SENDERS.flatMap(sender =>
    (['datagram', 'message'] as const).flatMap(active =>
      [true, false].map(standby => [active, direction, sender, standby] as const),
    ),
  ),
)

const sendersOf = (world: World, who: (typeof SENDERS)[number]) =>
  world.ends.filter((_, i) => who === 'both' || i === SENDERS.indexOf(who))
const peerOf = (world: World, end: unknown) => (end === world.initiator ? world.responder : world.initiator)

describe('a path in which one direction is dead', () => {
  test.each(CASES)(
    '%s, %s, while %s sends, another open: %s: the session has moved after 5 s',
    (active, direction, sender, standby) => {
      ofHundred(seed => {
        const networks =
          active === 'datagram' ? [udp(seed), ws(seed)] : [ws(seed), { ...udp(seed), tier: Tier.Relayed }]
        const world = settled({ seed, networks, standby })
        const { loop } = world
        const senders = sendersOf(world, sender)
        for (const end of senders) world.write(end, 300, 100, loop.now + 8_000)
        loop.runUntil(loop.now + 2_000)
        const [dead, other] = world.networks
        expect(world.networkOf(world.initiator)).toBe(dead)
        dead!.block(direction)
        const stalls = senders.map(end => peerOf(world, end))
        const since = loop.now
        const arrived = new Map(stalls.map(end => [end, end.source.received]))
        const isMoved = (): boolean =>
          world.networkOf(world.initiator) === other && world.networkOf(world.responder) === other
        expect(loop.runWhileNot(isMoved, since + 5_000)).toBe(true)
        loop.runUntil(Math.max(loop.now, since + 5_000))
        for (const [end, before] of arrived) expect(end.source.received).toBeGreaterThan(before)
        loop.runUntil(loop.now + 3_000)
        for (const end of senders) expect(peerOf(world, end).source.received).toBe(80 * 300)
      })
    },
  )
})

/** A network of 20 Mbit/s. */
const broad = (options: NetworkOptions): NetworkOptions => ({
  ...options,
  toServer: { ...options.toServer, rate: 2_500_000, queue: 150_000 },
  toClient: { ...options.toClient, rate: 2_500_000, queue: 150_000 },
})
const roundTrip = ({ toServer, toClient }: NetworkOptions): number =>
  toServer!.delay! + toServer!.jitter! + toClient!.delay! + toClient!.jitter!
const movesOf = (end: World['initiator']): string[] =>
  end.events.flatMap(event => (event.type === 'path-changed' ? [event.reason] : []))
const BYTES = 600_000

describe('a transfer', () => {
  // spec: STT-PKT-49 STT-PKT-19
  test('from WebSocket to UDP, as soon as that is there: it stands still for a round trip and 100 ms at most, and hardly anything goes twice', () => {
    ofHundred(seed => {
      const [slow, fast] = [broad(ws(seed)), broad(udp(seed))]
      const world = settled({ seed, networks: [slow, fast], standby: false })
      for (const end of world.ends) end.source.queue(BYTES)
      for (const end of world.ends) end.drive()
      world.loop.runUntil(world.loop.now + 80)
      world.open(world.networks[1]!)
      const stalls = world.longestStall(world.responder, world.loop.now + 3 * roundTrip(fast) + 60)
      expect(stalls).toBeLessThanOrEqual(Math.max(roundTrip(slow), roundTrip(fast)) + 100)
      world.loop.runUntil(world.loop.now + 6_000)
      expect(movesOf(world.initiator)).toEqual(['better'])
      expect(movesOf(world.responder)).toEqual(['followed'])
      expect(world.isTogether).toBe(true)
      for (const end of world.ends) {
        expect(end.source.received).toBe(BYTES)
        expect(end.source.repeated).toBeLessThanOrEqual(0.01 * BYTES)
      }
    })
  })

  test.each([
    ['UDP', 'WebSocket', 'blackholed', 5_000],
    ['WebSocket', 'UDP', 'blackholed', 5_000],
    ['WebSocket', 'UDP', 'closed', 1_000],
  ] as const)(
    'from %s to %s where the first is %s in the middle: it stands still for %s ms at most',
    (from, _to, what, most) => {
      ofHundred(seed => {
        const networks = from === 'UDP' ? [udp(seed), ws(seed)] : [ws(seed), { ...udp(seed), tier: Tier.Relayed }]
        const world = settled({ seed, networks: networks.map(broad) })
        for (const end of world.ends) end.source.queue(BYTES)
        for (const end of world.ends) end.drive()
        world.loop.runUntil(world.loop.now + 150)
        const [dead] = world.networks
        if (what === 'closed') dead!.kill()
        else for (const direction of DIRECTIONS) dead!.block(direction)
        const until = world.loop.now + 20_000
        const finished = (): boolean => world.ends.every(({ source }) => source.received === BYTES)
        const since = world.loop.now
        const before = world.ends.map(({ source }) => source.received)
        const goesOn = (): boolean => world.ends.every(({ source }, i) => source.received > before[i]!)
        // Packets under way at that time still arrive.
        world.loop.runUntil(since + 60)
        for (const [i, { source }] of world.ends.entries()) before[i] = source.received
        expect(world.loop.runWhileNot(goesOn, since + most)).toBe(true)
        expect(world.loop.runWhileNot(finished, until)).toBe(true)
        world.loop.runUntil(world.loop.now + 1_000)
        expect(world.isTogether).toBe(true)
      })
    },
  )

  test('that is moved to and fro all the time loses nothing, and ends with both sides on the same link', () => {
    ofHundred(seed => {
      const world = settled({ seed, networks: [broad(udp(seed)), broad(ws(seed))] })
      const { loop, initiator } = world
      for (const end of world.ends) world.write(end, 20_000, 100, loop.now + 6_000)
      for (let i = 0; i < 30; i++) {
        loop.runUntil(loop.now + 200)
        const [, other] = initiator.session.getPaths().filter(({ state }) => state !== 'validating')
        initiator.session.moveTo(other!.link, loop.now)
        initiator.drive()
      }
      expect(movesOf(initiator).filter(reason => reason === 'asked').length).toBe(30)
      loop.runUntil(loop.now + 5_000)
      for (const { source } of world.ends) expect(source.received).toBe(60 * 20_000)
      expect(world.isTogether).toBe(true)
    })
  })
})

describe('one address', () => {
  // spec: STT-PKT-53
  test.each([false, true])(
    'that changes each five seconds, while the initiator only receives and has nothing else: three seconds at most, told by the system: %s',
    told => {
      ofHundred(seed => {
        const world = settled({ seed, networks: [udp(seed)] })
        const { loop, initiator, responder } = world
        world.write(responder, 300, 100, loop.now + 20_000)
        loop.runUntil(loop.now + 1_000)
        for (let i = 0; i < 4; i++) {
          for (const pair of world.networks[0]!.pairs) responder.listen(pair.rebind())
          if (told) initiator.session.onNetworkChange(loop.now)
          if (told) initiator.drive()
          expect(world.longestStall(initiator, loop.now + 4_500)).toBeLessThanOrEqual(told ? 1_000 : 3_000)
        }
        loop.runUntil(loop.now + 8_000)
        expect(initiator.source.received).toBe(200 * 300)
      })
    },
  )

  // spec: STT-PKT-52 STT-PKT-56
  test.each(
    SENDERS.flatMap(sender => [100, 3_000].flatMap(every => [true, false].map(both => [sender, every, both] as const))),
  )(
    'that swallows everything above 200 bytes, while %s sends each %i ms, in both directions: %s: moved after 5 s',
    (sender, every, both) => {
      ofHundred(seed => {
        const world = settled({ seed, networks: [udp(seed), ws(seed)] })
        const { loop } = world
        const senders = sendersOf(world, sender)
        for (const end of senders) {
          // Its round trip is known.
          world.write(end, 1_000, 500, loop.now + 1_000)
          world.write(end, 1_000, every, loop.now + 12_000)
        }
        loop.runUntil(loop.now + 2_000)
        for (const end of senders) world.networks[0]!.block(end === world.initiator ? 'toServer' : 'toClient', 200)
        if (both) for (const direction of DIRECTIONS) world.networks[0]!.block(direction, 200)
        // From the first packet that is lost on.
        loop.runUntil(loop.now + every + 5_000)
        for (const end of world.ends) expect(world.networkOf(end)).toBe(world.networks[1])
        loop.runUntil(loop.now + 9_000)
        for (const end of senders) expect(peerOf(world, end).source.received).toBe((2 + 12_000 / every) * 1_000)
      })
    },
  )

  // spec: STT-PKT-56
  test('that carries large packets from the initiator alone is left, though those are acknowledged all the time', () => {
    ofHundred(seed => {
      const world = settled({ seed, networks: [udp(seed), ws(seed)] })
      const { loop } = world
      for (const end of world.ends) end.source.queue(4_000_000)
      for (const end of world.ends) world.write(end, 1_000, 20, loop.now + 8_000)
      world.networks[0]!.block('toClient', 200)
      loop.runUntil(loop.now + 5_000)
      for (const end of world.ends) expect(world.networkOf(end)).toBe(world.networks[1])
    })
  })

  // spec: STT-PKT-52
  test.each([
    ['both sides', 300, 100],
    ['the initiator', 300, 100],
    ['the responder', 2_000, 500],
    ['the initiator', 16_384, 1_000],
    ['the responder', 65_536, 4_000],
  ] as const)(
    'that loses 30 of a hundred is not left in two minutes in which %s write %i bytes each %i ms',
    (who, bytes, pause) => {
      ofHundred(seed => {
        const lossy = udp(seed)
        const loss = { rate: 0.3, burst: 1 }
        const delay = [0.2, 5, 20, 60][seed % 4]!
        const networks = [
          { ...lossy, toServer: { ...lossy.toServer, delay, loss }, toClient: { ...lossy.toClient, delay, loss } },
          ws(seed),
        ]
        const world = settled({ seed, networks })
        const until = world.loop.now + 120_000
        for (const [i, end] of world.ends.entries()) {
          if (who === 'both sides' || i === (who === 'the initiator' ? 0 : 1)) world.write(end, bytes, pause, until)
        }
        world.loop.runUntil(until)
        expect(movesOf(world.initiator)).toEqual([])
      })
    },
  )
})

test('an idle session goes over a better path too, within a second', () => {
  ofHundred(seed => {
    const world = settled({ seed, networks: [ws(seed), udp(seed)], standby: false })
    world.open(world.networks[1]!)
    world.loop.runUntil(world.loop.now + 1_000)
    expect(world.isTogether).toBe(true)
    expect(world.networkOf(world.responder)).toBe(world.networks[1])
  })
})

// spec: STT-PKT-51
test('an idle session with another path that waits sends eight packets a minute and side at most', () => {
  ofHundred(seed => {
    const world = settled({ seed, networks: [udp(seed), ws(seed)] })
    const pairs = world.networks.flatMap(network => network.pairs)
    const sentOf = (direction: Direction): number => pairs.reduce((sum, pair) => sum + pair[direction].counters.sent, 0)
    const before = DIRECTIONS.map(sentOf)
    world.loop.runUntil(world.loop.now + 600_000)
    for (const [i, direction] of DIRECTIONS.entries()) {
      expect(sentOf(direction) - before[i]!).toBeGreaterThan(10)
      expect(sentOf(direction) - before[i]!).toBeLessThanOrEqual(80)
    }
    expect(world.initiator.session.getPaths().map(({ state }) => state)).toEqual(['active', 'standby'])
    expect(world.responder.session.getPaths().map(({ state }) => state)).toEqual(['active', 'standby'])
  })
})
