import { expect, test } from 'vitest'
import type { Session } from '../src/index.ts'
// Loaded when it is first needed, which takes no virtual time.
import '../src/relay/relays.ts'
import { first, pattern } from './nodes.ts'
import { RelayWorld } from './virtual-relays.ts'

const URL = 'wss://one.example'
/** 2 Mbit/s, in bytes a second. */
const SLOW = 250_000
/** What a relay takes before it stops reading. */
const IN_RELAY = 262_144

/** Sends without end, and reads at the other side. @returns what has arrived so far */
function bulk(from: Session, to: Session): () => number {
  let arrived = 0
  void first(to.streams()).then(async stream => {
    for await (const part of stream) arrived += part.length
  })
  void from.openSendStream().then(async stream => {
    for (;;) await stream.write(pattern(16_384))
  })
  return () => arrived
}

// spec: STT-PKT-70
test.each(['dialer', 'listener'] as const)(
  'while the %s sends all that it can to or from a node at 2 Mbit/s, a ping waits only for what one relay holds',
  async sender => {
    const world = new RelayWorld()
    world.relay(URL)
    const server = await world.node({ relays: [URL] }, 0, { openRelay: world.openRelay(SLOW) })
    const client = await world.node({ relays: [URL], listen: [], paths: { relay: 'only' } })
    const accepting = first(server.sessions())
    const dialed = await world.run(client.connect({ peer: server.id }))
    const accepted = await world.run(accepting)
    const roundTrip = await world.run(dialed.ping())
    const arrived = sender === 'dialer' ? bulk(dialed, accepted) : bulk(accepted, dialed)
    const pings: number[] = []
    for (let i = 0; i < 200; i++) {
      await world.pass(200)
      const before = world.loop.now
      await world.run(dialed.ping())
      pings.push(world.loop.now - before)
    }
    pings.sort((a, b) => a - b)
    const most = roundTrip + (1_000 * IN_RELAY) / SLOW
    expect(pings[Math.ceil(0.95 * pings.length) - 1]).toBeLessThanOrEqual(most)
    // The way is in use all the time.
    expect(arrived()).toBeGreaterThan((0.95 * SLOW * world.loop.now) / 1_000 - IN_RELAY)
  },
)

// spec: STT-PKT-70
test('a fast relay is not slowed: far more than the least is on its way', async () => {
  const world = new RelayWorld()
  world.relay(URL)
  const rate = 20_000_000
  // With so much credit nothing but a full window asks for acknowledgements.
  const limits = { streamWindow: 16_777_216, sessionWindow: 67_108_864 }
  const server = await world.node({ relays: [URL], limits }, 0, { openRelay: world.openRelay(rate) })
  const client = await world.node({ relays: [URL], listen: [], paths: { relay: 'only' } })
  const accepting = first(server.sessions())
  const dialed = await world.run(client.connect({ peer: server.id }))
  const accepted = await world.run(accepting)
  const arrived = bulk(dialed, accepted)
  await world.pass(1_000)
  const before = arrived()
  await world.pass(1_000)
  expect(arrived() - before).toBeGreaterThan(0.8 * rate)
})
