import { forEachSeed, type PathCounters, type ScenarioName, scenarios } from '@stt/testing'
import { describe, expect, test } from 'vitest'
import type { NodeOptions, Session } from '../src/index.ts'
import { movingNodes, send } from './moving-nodes.ts'
import { collect, expectBytes, first, pattern } from './nodes.ts'
import { transfer, type VirtualPair, virtualNodes } from './virtual-nodes.ts'

/** The networks of the QUIC interop runner, each with as many seeds. */
export function describeScenarios(seeds: number): void {
  describe(`1 MiB arrives exactly, for each of ${seeds} seeds`, () => {
    test('transferloss: 2 % lost', async () => {
      const { toServer, toClient } = await transfers(seeds, 'transferloss')
      expect(toServer.lost).toBeGreaterThan(0)
      expect(toClient.lost).toBeGreaterThan(0)
      expect(toServer.resent).toBeGreaterThan(0)
    })

    test('handshakeloss: 30 % lost in bursts, the handshake included', async () => {
      const { toServer, toClient } = await transfers(seeds, 'handshakeloss', 600_000)
      expect(toServer.lost).toBeGreaterThan(seeds)
      expect(toClient.lost).toBeGreaterThan(seeds)
      expect(toServer.resent).toBeGreaterThan(0)
    })

    test('longrtt: 1.5 s there and back', async () => {
      await transfers(seeds, 'longrtt')
    })

    test('corruption: 2 % damaged', async () => {
      const { toServer, toClient } = await transfers(seeds, 'corruption')
      expect(toServer.corrupted).toBeGreaterThan(0)
      expect(toClient.corrupted).toBeGreaterThan(0)
      expect(toServer.resent).toBeGreaterThan(0)
    })

    test('chaos: 5 % each lost, reordered, duplicated', async () => {
      const { toServer, toClient } = await transfers(seeds, 'chaos')
      for (const direction of [toServer, toClient]) {
        expect(direction.lost).toBeGreaterThan(0)
        expect(direction.reordered).toBeGreaterThan(0)
        expect(direction.duplicated).toBeGreaterThan(0)
      }
      expect(toServer.resent).toBeGreaterThan(0)
    })

    test('blackhole: nothing passes for two seconds', async () => {
      const { toServer } = await transfers(seeds, 'blackhole')
      expect(toServer.blackholed).toBeGreaterThan(0)
      expect(toServer.resent).toBeGreaterThan(0)
    })

    test('amplificationlimit: the client’s second to seventh datagrams are lost', async () => {
      const { toServer, runs } = await transfers(seeds, 'amplificationlimit')
      expect(toServer.lost).toBe(6 * runs)
    })

    test('keyupdate: the keys change each 100 KB, on a network that loses and reorders', async () => {
      await forEachSeed(seeds, async seed => {
        const nodes = await virtualNodes({ seed, scenario: 'chaos' })
        const { dialed, accepted } = await session(nodes)
        const stream = await dialed.openSendStream()
        const receiving = first(accepted.streams()).then(collect)
        for (let at = 0; at < MEBIBYTE.length; at += 100_000) {
          await nodes.run(stream.write(MEBIBYTE.subarray(at, at + 100_000)))
          dialed.rotateKeys()
        }
        await stream.end()
        expectBytes(await nodes.run(receiving, scenarios.chaos.deadline), MEBIBYTE)
        // Updates that were asked for too early were done as soon as they were allowed.
        expect(dialed.getStatistics().sendEpoch).toBeGreaterThan(2)
        expect(accepted.getStatistics().receiveEpoch).toBeGreaterThan(2)
        await close(nodes)
      })
    })

    test('retry: a listener under load asks the client for a token first', async () => {
      const limits = { handshakesPerSecond: 1 }
      await forEachSeed(seeds, async seed => {
        const nodes = await virtualNodes({ seed, scenario: 'transferloss' }, { limits })
        await session(nodes)
        const { received } = await nodes.run(transfer(nodes, MEBIBYTE), scenarios.transferloss.deadline)
        expectBytes(received, MEBIBYTE)
        expect(nodes.server.getStatistics().retries).toBeGreaterThan(0)
        await close(nodes)
      })
    })

    test('rebinding: the client’s address changes each second', async () => {
      await forEachSeed(seeds, rebinding)
    })
  })

  test(`multiplexing: 100 streams at once, there and back, for each of ${seeds} seeds`, async () => {
    await forEachSeed(seeds, async seed => {
      const nodes = await virtualNodes({ seed, scenario: 'chaos' })
      const { dialed, accepted } = await session(nodes)
      void echo(accepted)
      const exchanges = Array.from({ length: 100 }, async (_, i) => {
        const stream = await dialed.openStream({ priority: i % 8 })
        const bytes = MEBIBYTE.subarray(i * 1_000, i * 1_000 + 10_000)
        await stream.write(bytes)
        await stream.end()
        expectBytes(await collect(stream), bytes)
      })
      await nodes.run(Promise.all(exchanges), scenarios.chaos.deadline)
      await nodes.run(dialed.ping())
      expect(dialed.getStatistics().streams).toMatchObject({ finished: 100, open: 0 })
      await close(nodes)
    })
  })
}

type Totals = Pick<PathCounters, 'lost' | 'reordered' | 'duplicated' | 'corrupted' | 'blackholed'> & { resent: number }

/** Sends 1 MiB through a network for each seed, checks every byte, and adds up what the network did in each direction. */
async function transfers(
  seeds: number,
  scenario: ScenarioName,
  deadline: number = scenarios[scenario].deadline,
): Promise<{ toServer: Totals; toClient: Totals; runs: number }> {
  const none: Totals = { lost: 0, reordered: 0, duplicated: 0, corrupted: 0, blackholed: 0, resent: 0 }
  // The environment may ask for more runs than `seeds`.
  const totals = { toServer: { ...none }, toClient: { ...none }, runs: 0 }
  const options: Partial<NodeOptions> = { limits: { handshakeTimeout: 30_000 } }
  await forEachSeed(seeds, async seed => {
    totals.runs++
    const nodes = await virtualNodes({ seed, scenario }, options)
    const { received, session } = await nodes.run(transfer(nodes, MEBIBYTE), deadline)
    expectBytes(received, MEBIBYTE)
    totals.toServer.resent += session.getStatistics().streams.bytesResent
    await close(nodes)
    for (const direction of ['toServer', 'toClient'] as const) {
      const { counters } = nodes.pair[direction]
      for (const name of ['lost', 'reordered', 'duplicated', 'corrupted', 'blackholed'] as const) {
        totals[direction][name] += counters[name]
      }
    }
  })
  return totals
}

// spec: STT-REC-50 STT-REC-52
async function rebinding(seed: number): Promise<void> {
  const nodes = await movingNodes({ seed, scenario: 'rebinding' })
  const { loop } = nodes.pair
  let rebinds = 0
  let going = true
  const rebind = (): void => {
    if (!going) return
    nodes.rebind()
    rebinds++
    loop.after(scenarios.rebinding.rebindEvery!, rebind)
  }
  loop.after(500, rebind)
  const received = await nodes.run(send(nodes.dialed, nodes.accepted, MEBIBYTE), scenarios.rebinding.deadline)
  going = false
  expectBytes(received, MEBIBYTE)
  expect(rebinds).toBeGreaterThan(3)
  // It is where it was last seen.
  await nodes.run(nodes.dialed.ping())
  expect(nodes.accepted.peer.address).toBe(nodes.pair.server.remote)
  await nodes.run(Promise.all([nodes.client.close(), nodes.server.close()]))
}

async function session(nodes: VirtualPair): Promise<{ dialed: Session; accepted: Session }> {
  const accepting = first(nodes.server.sessions())
  const dialed = await nodes.run(nodes.client.connect('udp://10.0.0.1:4433'))
  return { dialed, accepted: await nodes.run(accepting) }
}

/** Sends each stream back. */
async function echo(accepted: Session): Promise<void> {
  for await (const stream of accepted.streams()) {
    void collect(stream).then(async bytes => {
      await stream.write(bytes)
      await stream.end()
    })
  }
}

async function close(nodes: VirtualPair): Promise<void> {
  await nodes.run(Promise.all([nodes.client.close(), nodes.server.close()]))
}

const MEBIBYTE = pattern(1024 * 1024)
