import { listenRelay, MemoryRelayStore, type Relay } from '@stt/relay'
import { type Balancer, freePort, startBalancer } from '@stt/testing'
import { expect, onTestFinished, test } from 'vitest'
import { Seed } from '../src/index.ts'
import { createNode, expectEcho, first, pattern } from './nodes.ts'

/** Three instances of one relay that serves the holders of a seed, and a balancer in front that knows nothing of them. */
async function startInstances(seed: Seed): Promise<{ readonly url: string; readonly relays: readonly Relay[] }> {
  const store = new MemoryRelayStore()
  const ports = [await freePort(), await freePort(), await freePort()]
  const balancer: Balancer = await startBalancer(ports)
  const url = `ws://127.0.0.1:${balancer.port}`
  const keys = [seed.deriveRendezvousKeys().access]
  const relays = await Promise.all(
    ports.map(port =>
      listenRelay({ port, udpPorts: false, keys, urls: [url], store, instance: `ws://127.0.0.1:${port}/` }),
    ),
  )
  onTestFinished(async () => {
    for (const relay of relays) await relay.close()
    await balancer.close()
  })
  return { url, relays }
}

// spec: STT-RLY-36 STT-RLY-37
test('nodes meet and find each other at three instances of a relay, whichever of them they come to', async () => {
  const seed = Seed.generate()
  const { url, relays } = await startInstances(seed)
  const servers = await Promise.all(Array.from({ length: 3 }, () => createNode({ seed, relays: [url] })))
  for (const server of servers) {
    const client = await createNode({ seed, relays: [url], listen: [], paths: { relay: 'only' } })
    const accepting = first(server.sessions())
    const dialed = await client.connect({ peer: server.id })
    const accepted = await accepting
    expect(dialed.path).toMatchObject({ relayed: true, remote: server.addresses[0] })
    await expectEcho(dialed, accepted, pattern(300_000))
  }
  const statistics = relays.map(relay => relay.getStatistics())
  const sum = (of: (each: (typeof statistics)[number]) => number): number =>
    statistics.reduce((total, each) => total + of(each), 0)
  expect(sum(each => each.circuits)).toBe(3)
  expect(statistics.map(each => [each.faults, each.shared!.failures])).toEqual([[0, 0], [0, 0], [0, 0]]) // biome-ignore format: one line
  // Who knows no id finds one of the seed at whatever instance answers.
  const finder = await createNode({ seed, relays: [url], listen: [], paths: { relay: 'only' } })
  const found = await finder.connect()
  expect(servers.map(each => String(each.id))).toContain(String(found.peer.id))
})
