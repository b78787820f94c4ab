import { forEachSeed, measureMemory, type PathCounters, type ScenarioName, scenarios } from '@stt/testing'
import { describe, expect, test } from 'vitest'
import { collect, expectBytes, first, pattern, rejection } from './nodes.ts'
import { run, transfer, virtualNodes } from './virtual-nodes.ts'

const MEBIBYTE = pattern(1024 * 1024)
const SEEDS = 20

type Totals = Pick<PathCounters, 'lost' | 'reordered' | 'duplicated' | 'corrupted' | 'blackholed'> & { resent: number }

/** Sends 1 MiB through a network for each seed, checks every byte, and adds up what the network did in each direction. */
async function transfers(
  scenario: ScenarioName,
  deadline: number = scenarios[scenario].deadline,
): Promise<{ toServer: Totals; toClient: Totals }> {
  const none: Totals = { lost: 0, reordered: 0, duplicated: 0, corrupted: 0, blackholed: 0, resent: 0 }
  const totals = { toServer: { ...none }, toClient: { ...none } }
  await forEachSeed(SEEDS, async seed => {
    const nodes = await virtualNodes({ seed, scenario }, { limits: { handshakeTimeout: 30_000 } })
    const { received, session } = await nodes.run(transfer(nodes, MEBIBYTE), deadline)
    expectBytes(received, MEBIBYTE)
    totals.toServer.resent += session.getStatistics().streams.bytesResent
    await nodes.run(Promise.all([nodes.client.close(), nodes.server.close()]))
    for (const direction of ['toServer', 'toClient'] as const) {
      const { counters } = nodes.pair[direction]
      for (const name of ['lost', 'reordered', 'duplicated', 'corrupted', 'blackholed'] as const) {
        totals[direction][name] += counters[name]
      }
    }
  })
  return totals
}

describe(`1 MiB arrives exactly, for each of ${SEEDS} seeds`, () => {
  test('transferloss: 2 % lost', async () => {
    const { toServer, toClient } = await transfers('transferloss')
    expect(toServer.lost).toBeGreaterThan(0)
    expect(toClient.lost).toBeGreaterThan(0)
    expect(toServer.resent).toBeGreaterThan(0)
  })

  test('handshakeloss: 30 % lost in bursts, the handshake included', async () => {
    const { toServer, toClient } = await transfers('handshakeloss', 600_000)
    expect(toServer.lost).toBeGreaterThan(SEEDS)
    expect(toClient.lost).toBeGreaterThan(SEEDS)
    expect(toServer.resent).toBeGreaterThan(0)
  })

  test('longrtt: 1.5 s there and back', async () => {
    await transfers('longrtt')
  })

  test('corruption: 2 % damaged', async () => {
    const { toServer, toClient } = await transfers('corruption')
    expect(toServer.corrupted).toBeGreaterThan(0)
    expect(toClient.corrupted).toBeGreaterThan(0)
    expect(toServer.resent).toBeGreaterThan(0)
  })

  test('chaos: 5 % each lost, reordered, duplicated', async () => {
    const { toServer, toClient } = await transfers('chaos')
    for (const direction of [toServer, toClient]) {
      expect(direction.lost).toBeGreaterThan(0)
      expect(direction.reordered).toBeGreaterThan(0)
      expect(direction.duplicated).toBeGreaterThan(0)
    }
    expect(toServer.resent).toBeGreaterThan(0)
  })

  test('blackhole: nothing passes for two seconds', async () => {
    const { toServer } = await transfers('blackhole')
    expect(toServer.blackholed).toBeGreaterThan(0)
    expect(toServer.resent).toBeGreaterThan(0)
  })
})

test('nobody answers: the dialer gives up in time, and says what may be wrong', async () => {
  const nodes = await virtualNodes({ seed: 1, toServer: { blackholes: [[0, 1e9]] } })
  const error = await nodes.run(rejection(nodes.client.connect('udp://10.0.0.1:4433')))
  expect(error).toMatchObject({ code: 'STT_TIMEOUT' })
  expect((error as Error).message).toMatch(
    /^no peer answered at udp:\/\/10\.0\.0\.1:4433\. .*not running.*address is wrong.*another seed/,
  )
  expect(nodes.pair.loop.now).toBe(10_000)
  expect(nodes.pair.toServer.counters.sent).toBeGreaterThan(8)
})

test('a peer that disappears is reported within the idle limit, and what it owed fails as truncated', async () => {
  const nodes = await virtualNodes({
    seed: 1,
    toServer: { blackholes: [[1_000, 1e9]] },
    toClient: { blackholes: [[1_000, 1e9]] },
  })
  const accepting = first(nodes.server.sessions())
  const session = await nodes.run(nodes.client.connect('udp://10.0.0.1:4433'))
  const accepted = await nodes.run(accepting)
  const stream = await session.openStream()
  const reading = rejection(collect(stream))
  await nodes.run(stream.write(pattern(1_000)))
  nodes.pair.loop.runUntil(1_000)
  await stream.write(pattern(1_000))
  const { error } = await nodes.run(session.closed)
  expect(error.code).toBe('STT_TRUNCATED')
  expect(nodes.pair.loop.now).toBeLessThanOrEqual(1_000 + 30_000)
  expect(await reading).toMatchObject({ code: 'STT_TRUNCATED' })
  expect((await nodes.run(accepted.closed)).error.code).toBe('STT_TRUNCATED')
  expect(nodes.pair.loop.now).toBeLessThanOrEqual(1_000 + 30_000)
})

test('garbage, truncated and replayed datagrams are dropped and counted, and never answered', async () => {
  const sent: Uint8Array[] = []
  const nodes = await virtualNodes({
    seed: 3,
    tap: (packet, direction) => direction === 'to-server' && sent.push(packet.slice()),
  })
  const accepting = first(nodes.server.sessions())
  const session = await nodes.run(nodes.client.connect('udp://10.0.0.1:4433'))
  const accepted = await nodes.run(accepting)
  await nodes.run(session.ping())
  nodes.pair.loop.runUntil(nodes.pair.loop.now + 500)

  const answers = nodes.pair.toClient.counters.sent
  const before = accepted.getStatistics()
  const recorded = sent.filter(packet => packet[0]! < 0x80)
  expect(recorded.length).toBeGreaterThan(0)
  for (const packet of recorded) {
    nodes.pair.client.send(packet)
    nodes.pair.client.send(packet.slice(0, packet.length - 1))
    const changed = packet.slice()
    changed[20]! ^= 1
    nodes.pair.client.send(changed)
  }
  for (let length = 1; length < 200; length++) nodes.pair.client.send(pattern(length))
  await nodes.run(new Promise<void>(resolve => nodes.pair.loop.after(2_000, resolve)))
  expect(nodes.pair.toClient.counters.sent).toBe(answers)
  const { packetsDropped } = accepted.getStatistics()
  expect(packetsDropped.duplicate + packetsDropped.tag).toBeGreaterThanOrEqual(3 * recorded.length - 1)
  expect(accepted.getStatistics().packetsReceived).toBe(before.packetsReceived)
  const { strayPackets, malformed, version } = nodes.server.getStatistics()
  expect(strayPackets + malformed + version).toBeGreaterThan(150)
  expect(await nodes.run(session.ping())).toBeGreaterThan(0)
})

test('ten minutes of virtual traffic over a bad network leave the heap as it was', async () => {
  const nodes = await virtualNodes({ seed: 7, scenario: 'chaos' })
  nodes.server.onSession(async accepted => {
    for await (const stream of accepted.streams()) {
      await stream.write(await collect(stream))
      await stream.end()
    }
  })
  const session = await nodes.run(nodes.client.connect('udp://10.0.0.1:4433'))
  const request = pattern(3_000)
  const exchange = async (): Promise<void> => {
    const stream = await session.openStream()
    await stream.write(request)
    await stream.end()
    expectBytes(await collect(stream), request)
  }
  let atATenth = 0
  for (let minute = 0.5; minute <= 10; minute += 0.5) {
    session.rotateKeys()
    while (nodes.pair.loop.now < minute * 60_000) {
      await run(nodes.pair, exchange())
      const pause = new Promise<void>(resolve => nodes.pair.loop.after(500, resolve))
      await run(nodes.pair, pause)
    }
    if (minute === 1) atATenth = await measureMemory()
  }
  expect(await measureMemory()).toBeLessThanOrEqual(1.1 * atATenth)
  const { keyEpoch, packetsLost, streams } = session.getStatistics()
  expect(keyEpoch).toBeGreaterThanOrEqual(10)
  expect(packetsLost).toBeGreaterThan(0)
  expect(streams.finished).toBeGreaterThan(500)
  expect(streams.open).toBe(0)
})
