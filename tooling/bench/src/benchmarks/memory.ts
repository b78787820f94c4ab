import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Benchmark, Contestant } from '../benchmark.ts'
import { startChild } from '../start-child.ts'

/** What a listener's process grows by, resident, for each connection on which nothing happens. */
export function benchmarks(): readonly Benchmark[] {
  return [
    {
      title: 'An idle connection at the listener, resident',
      unit: 'KiB',
      better: 'lower',
      reference: 'ws',
      rows: [
        { name: '2,000 connections', contestants: ['stt udp', 'stt ws', 'ws', 'node:tls'].map(idle(2_000)) },
        { name: '10,000 connections', contestants: [idle(10_000)('stt udp')] },
      ],
      notes: [
        'Behind 2,000 connections that do not count. Limits of connections for one address are raised; clients are in a process of their own.',
      ],
    },
  ]
}

const idle =
  (count: number) =>
  (name: string): Contestant => ({
    name,
    async measure() {
      const server = startChild(CHILD, 'serve', name)
      const [{ address }] = (await once(server, 'message')) as [{ address: string }]
      const resident = async (): Promise<number> => {
        server.send('resident')
        const [{ kibibytes }] = (await once(server, 'message')) as [{ kibibytes: number }]
        return kibibytes
      }
      const clients = startChild(CHILD, 'dial', name, address)
      await once(clients, 'message')
      // What the first connections load and compile, and the room that V8's heap takes for their handshakes, is not theirs.
      await dial(clients, 2_000)
      const before = await resident()
      await dial(clients, count)
      const after = await resident()
      clients.kill()
      server.kill()
      return (after - before) / count
    },
  })

async function dial(clients: ReturnType<typeof startChild>, count: number): Promise<void> {
  clients.send({ count })
  await once(clients, 'message')
}

const CHILD = fileURLToPath(new URL('../transports/idle-child.ts', import.meta.url))
