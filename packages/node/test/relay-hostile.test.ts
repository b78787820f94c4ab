import { isSttError } from '@stt/errors'
import { decodeMessage, encodeDial, hoursAt, mailboxName } from '@stt/rendezvous'
import { createRandom, type Random } from '@stt/testing'
import { describe, expect, test } from 'vitest'
import type { Session } from '../src/index.ts'
// Loaded when it is first needed, which takes no virtual time.
import '../src/relay/relays.ts'
import { expectBytes, first, pattern } from './nodes.ts'
import { WALL_START } from './virtual-nodes.ts'
import { type Node, RelayWorld, type VirtualRelay, type Way } from './virtual-relays.ts'

const URL = 'wss://one.example'
const SEEDS = [1, 2, 3]
const SIZE = 120_000

interface Talk {
  readonly dialed: Session
  readonly accepted: Session
}

interface Scene {
  readonly world: RelayWorld
  readonly relay: VirtualRelay
  readonly server: Node
  readonly random: Random
  talk(): Promise<Talk>
}

async function scene(seed: number): Promise<Scene> {
  const world = new RelayWorld(seed)
  const relay = world.relay(URL)
  const limits = { detachedTimeout: 120_000 }
  const server = await world.node({ relays: [URL], limits })
  const talk = async (): Promise<Talk> => {
    const client = await world.node({ relays: [URL], listen: [], limits })
    const accepting = first(server.sessions())
    const dialed = await world.run(client.connect({ peer: server.id }))
    return { dialed, accepted: await world.run(accepting) }
  }
  return { world, relay, server, random: createRandom(seed).fork('attack'), talk }
}

/** How a transfer ended, and what of it was given to the reader. */
interface Outcome {
  readonly arrived: Uint8Array
  readonly code: string | undefined
}

/** Sends a pattern, a little at a time so that there are many messages. */
function send({ dialed, accepted }: Talk): Promise<Outcome> {
  const bytes = pattern(SIZE)
  const parts: Uint8Array[] = []
  const arrived = (): Uint8Array => new Uint8Array(Buffer.concat(parts))
  const reading = first(accepted.streams()).then(async stream => {
    for await (const part of stream) parts.push(part.slice())
  })
  const writing = (async () => {
    const stream = await dialed.openSendStream()
    for (let at = 0; at < SIZE; at += 3_000) {
      await stream.write(bytes.subarray(at, at + 3_000))
      await dialed.ping()
    }
    await stream.end()
    await stream.delivered
  })()
  return Promise.all([reading, writing]).then(
    () => ({ arrived: arrived(), code: undefined }),
    (error: unknown) => {
      if (!isSttError(error)) throw error
      return { arrived: arrived(), code: error.code }
    },
  )
}

const expectPrefix = (arrived: Uint8Array): void => expectBytes(arrived, pattern(SIZE).subarray(0, arrived.length))

/** Two sessions through a relay that does this to them: each is the one that it was, and all arrives. */
async function survives(seed: number, attack: Attack): Promise<void> {
  const { world, relay, server, random, talk } = await scene(seed)
  const talks = [await talk(), await talk()]
  relay.onPass = attack(relay, random)
  for (const { arrived, code } of await world.run(Promise.all(talks.map(send)), 600_000)) {
    expect([seed, code, arrived.length]).toEqual([seed, undefined, SIZE])
    expectPrefix(arrived)
  }
  expect(server.getStatistics()).toMatchObject({ sessionsOpened: 2, faults: 0 })
}

type Attack = (relay: VirtualRelay, random: Random) => VirtualRelay['onPass']

/** What a relay may do with messages that are genuine and come where they were meant to. */
const REARRANGED: Readonly<Record<string, Attack>> = {
  'replays each message, and older ones of the circuit': (_relay, random) => {
    const known = new Map<object, Uint8Array[]>()
    return (message, { to }) => {
      const before = known.get(to) ?? []
      known.set(to, [...before, message])
      to.send(message)
      to.send(message)
      if (before.length > 0) to.send(before[random.integer(before.length)]!)
    }
  },
  'swaps neighbours': () => {
    const held = new Map<object, Uint8Array>()
    return (message, { to }) => {
      const before = held.get(to)
      if (!before) return held.set(to, message)
      held.delete(to)
      to.send(message)
      to.send(before)
    }
  },
  'loses one of thirty':
    (_relay, random) =>
    (message, { to }) => {
      if (!random.chance(1 / 30)) to.send(message)
    },
  'cuts the circuit now and then': (_relay, random) => (message, way) => {
    if (random.chance(1 / 60)) cut(way)
    else way.to.send(message)
  },
}

/** What it can put between them, which verifies nowhere. */
const FOREIGN: Readonly<Record<string, Attack>> = {
  'splices messages of one circuit into another':
    ({ passed }, random) =>
    (_message, { to }) =>
      void to.send(passed[random.integer(passed.length)]!),
  'sends back what it gets':
    () =>
    (message, { from }) =>
      void from.send(message),
  'makes noise':
    (_relay, random) =>
    (_message, { to }) =>
      void to.send(random.bytes(1 + random.integer(60))),
  'damages a bit':
    (_relay, random) =>
    (message, { to }) => {
      const copy = message.slice()
      copy[random.integer(copy.length)]! ^= 1 << random.integer(8)
      to.send(copy)
    },
  'cuts messages short':
    (_relay, random) =>
    (message, { to }) =>
      void to.send(message.subarray(0, random.integer(message.length))),
}

function cut({ from, to }: Way): void {
  from.close()
  to.close()
}

describe('a relay is one more attacker on the path', () => {
  // spec: STT-PKT-6
  test.each(Object.entries(REARRANGED))(
    'one that %s costs no byte: all arrives as it was sent',
    async (_name, attack) => {
      for (const seed of SEEDS) await survives(seed, attack)
    },
  )

  // spec: STT-PKT-22
  test.each(Object.entries(FOREIGN))(
    'one that now and then %s costs no byte: all arrives as it was sent',
    async (_name, attack) => {
      for (const seed of SEEDS) {
        await survives(seed, (relay, random) => {
          const strike = attack(relay, random)
          return (message, way) => {
            if (random.chance(1 / 50)) strike(message, way)
            way.to.send(message)
          }
        })
      }
    },
  )

  // spec: STT-PKT-22
  test.each(Object.entries(FOREIGN))(
    'one that always %s ends the session with a code, and none of it was released',
    async (_name, attack) => {
      const { world, relay, random, talk, server } = await scene(4)
      const talks = [await talk(), await talk()]
      relay.onPass = attack(relay, random)
      for (const { arrived, code } of await world.run(Promise.all(talks.map(send)), 600_000)) {
        expectPrefix(arrived)
        expect(code).toMatch(/^STT_/)
      }
      expect(server.getStatistics().faults).toBe(0)
    },
  )

  // spec: STT-HS-39
  test('one that brings a dialer to another node than it asked for is found out', async () => {
    const world = new RelayWorld(7)
    const relay = world.relay(URL)
    const [asked, other] = [await world.node({ relays: [URL] }), await world.node({ relays: [URL] })]
    const { rendezvous } = world.seed.deriveRendezvousKeys()
    const names = hoursAt(WALL_START / 1_000).map(hour => mailboxName(rendezvous, other.id, hour))
    relay.onHeard = message =>
      decodeMessage(message).type === 'dial' ? encodeDial(names, () => new Uint8Array(0)) : message
    const client = await world.node({ relays: [URL], listen: [] })
    await expect(world.run(client.connect({ peer: asked.id }))).rejects.toMatchObject({ code: 'STT_PEER_REFUSED' })
    expect(relay.statistics.spliced).toBeGreaterThan(0)
    expect([asked.liveSessions, client.liveSessions]).toEqual([[], []])
  })

  test('one that connects nobody to anybody costs the dial its time, and ends with a code', async () => {
    const { world, relay, talk } = await scene(9)
    relay.onPass = () => {}
    const error: unknown = await talk().catch((cause: unknown) => cause)
    expect(isSttError(error)).toBe(true)
    expect(world.warnings).toEqual([])
  })
})
