import { measureMemory } from '@stt/testing'
import { expect, test } from 'vitest'
import { collect, expectBytes, first, pattern, rejection } from './nodes.ts'
import { describeScenarios } from './scenario-suite.ts'
import { run, virtualNodes } from './virtual-nodes.ts'

// The long run has a hundred.
describeScenarios(5)

test('a dialer that nobody answers gives up in time, and says what may be wrong', async () => {
  const nodes = await virtualNodes({ seed: 1, toServer: { blackholes: [[0, 1e9]] } })
  const error = await nodes.run(rejection(nodes.client.connect('udp://10.0.0.1:4433')))
  expect(error).toMatchObject({ code: 'STT_TIMEOUT' })
  expect((error as Error).message).toMatch(
    /^no peer answered at udp:\/\/10\.0\.0\.1:4433\. .*not running.*address is wrong.*another seed/,
  )
  expect(nodes.pair.loop.now).toBe(10_000)
  expect(nodes.pair.toServer.counters.sent).toBeGreaterThan(8)
})

test('a peer that disappears is reported within the idle limit, and unsent bytes fail as truncated', async () => {
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

const MINUTES = process.env['STT_SEEDS'] === undefined ? 4 : 10

test(`${MINUTES} minutes of virtual traffic over a bad network leave the heap as it was`, async () => {
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
  let afterOne = 0
  for (let minute = 0.5; minute <= MINUTES; minute += 0.5) {
    session.rotateKeys()
    while (nodes.pair.loop.now < minute * 60_000) {
      await run(nodes.pair, exchange())
      const pause = new Promise<void>(resolve => nodes.pair.loop.after(500, resolve))
      await run(nodes.pair, pause)
    }
    if (minute === 1) afterOne = await measureMemory()
  }
  expect(await measureMemory()).toBeLessThanOrEqual(1.1 * afterOne)
  const { keyEpoch, packetsLost, streams } = session.getStatistics()
  expect(keyEpoch).toBeGreaterThanOrEqual(MINUTES)
  expect(packetsLost).toBeGreaterThan(0)
  expect(streams.finished).toBeGreaterThan(50 * MINUTES)
  expect(streams.open).toBe(0)
})
