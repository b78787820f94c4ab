import { expect, test } from 'vitest'
import { Network, sessionOf } from '../../test/network.ts'
import { originOf } from '../../test/origins.ts'
import { seedKeys } from '../../test/support.ts'

const CLIENT = 'udp://10.0.0.1:1001'
const SERVER = 'udp://10.0.0.2:4433'
/** Milliseconds since 1970. */
const NOON = 1_800_000_000_000

const [old, fresh] = [seedKeys('old'), seedKeys('fresh')]

// spec: STT-HS-36
test('a seed that is over is not answered any more, and the others still are', () => {
  const network = new Network()
  const server = network.add(SERVER, { seeds: [{ keys: old, notAfter: NOON }, fresh] })
  const [before, after, later] = [old, old, fresh].map((seeds, i) =>
    network.add(`udp://10.0.1.${i}:7`, { seeds, listen: undefined }),
  )
  server.manager.setWallClock(NOON - 1)
  before!.manager.initiate(originOf(SERVER), {}, network.now)
  network.settle()
  expect(sessionOf(before!)).toBeDefined()
  expect(sessionOf(server).run.seedIndex).toBe(0)

  server.manager.setWallClock(NOON)
  after!.manager.initiate(originOf(SERVER), {}, network.now)
  later!.manager.initiate(originOf(SERVER), {}, network.now)
  network.advance(11_000)
  expect(after!.events).toMatchObject([{ type: 'failed', error: { code: 'STT_TIMEOUT' } }])
  expect(sessionOf(later!)).toBeDefined()
  // The place in the list is that of the list that was given, whatever of it is over.
  expect(server.events.flatMap(event => (event.type === 'session' ? [event.run.seedIndex] : []))).toEqual([0, 1])
})

// spec: STT-HS-36
test('a dial uses the first seed that is not over, and none when all are', () => {
  const network = new Network()
  const client = network.add(CLIENT, {
    seeds: [
      { keys: old, notAfter: NOON },
      { keys: fresh, notAfter: NOON + 1 },
    ],
  })
  const dial = (): number => client.manager.initiate(originOf(SERVER), {}, network.now).seedIndex
  const over = expect.objectContaining({ code: 'STT_INVALID_STATE' })
  // Until the wall clock is set, no seed that expires is used.
  expect(dial).toThrow(over)
  client.manager.setWallClock(NOON - 1)
  expect(dial()).toBe(0)
  client.manager.setWallClock(NOON)
  expect(dial()).toBe(1)
  client.manager.setWallClock(NOON + 1)
  expect(dial).toThrow(over)
  // A clock that was put right again counts.
  client.manager.setWallClock(NOON - 1)
  expect(dial()).toBe(0)
})

// spec: STT-HS-36
test('a handshake that has begun goes on with its seed when that is over or replaced', () => {
  for (const change of ['over', 'replaced']) {
    const network = new Network()
    const server = network.add(SERVER, { seeds: [{ keys: old, notAfter: NOON }, fresh] })
    const client = network.add(CLIENT, { seeds: [{ keys: old, notAfter: NOON }] })
    for (const { manager } of [server, client]) manager.setWallClock(NOON - 1)
    // Messages after RESPONSE come under other seeds.
    network.passes = ({ from }) => {
      if (from === SERVER && change === 'over') for (const { manager } of [server, client]) manager.setWallClock(NOON)
      if (from === SERVER && change === 'replaced')
        for (const { manager } of [server, client]) manager.setSeeds([fresh])
      return true
    }
    client.manager.initiate(originOf(SERVER), {}, network.now)
    network.settle()
    expect(sessionOf(client).result.binding).toEqual(sessionOf(server).result.binding)
    expect(sessionOf(server).run.seedIndex).toBe(0)
  }
})

test('what is no list of seeds is refused, and those before stay', () => {
  const network = new Network()
  const server = network.add(SERVER, { seeds: [old] })
  const refused = expect.objectContaining({ code: 'STT_INVALID_ARGUMENT' })
  for (const notAfter of [-1, 1.5, Number.NaN]) {
    expect(() => server.manager.setSeeds([fresh, { keys: fresh, notAfter }])).toThrow(refused)
  }
  expect(() => server.manager.setSeeds([])).toThrow(refused)
  const client = network.add(CLIENT, { seeds: old })
  client.manager.initiate(originOf(SERVER), {}, network.now)
  network.settle()
  expect(sessionOf(client)).toBeDefined()
})
