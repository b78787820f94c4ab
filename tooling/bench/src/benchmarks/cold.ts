import type { Benchmark, Contestant } from '../benchmark.ts'
import { ProcessPair } from '../transports/process-pair.ts'

const BYTES = 192_000_000
const OVER_TCP = ['stt ws', 'same calls, ws', 'ws', 'wss', 'node:tls', 'libp2p: ws, noise, yamux']

/** The first 192 MB that two new processes exchange, in writes of 64 KiB of which each is awaited: what a user's program gets. */
export function benchmarks(): readonly Benchmark[] {
  return [
    {
      title: 'WebSocket, the first 192 MB of two processes, client to server',
      unit: 'MB/s',
      better: 'higher',
      reference: 'ws',
      rows: [{ name: 'upload', contestants: OVER_TCP.map(cold('upload')) }],
    },
    {
      title: 'WebSocket, the first 192 MB of two processes, server to client',
      unit: 'MB/s',
      better: 'higher',
      reference: 'node:tls',
      rows: [{ name: 'download', contestants: OVER_TCP.map(cold('download')) }],
    },
    {
      title: 'UDP, the first 192 MB of two processes',
      unit: 'MB/s',
      better: 'higher',
      reference: 'udx + secret-stream',
      rows: [
        {
          name: 'upload',
          contestants: ['stt udp', 'stt udp 1,452', 'stt udp 1,452, sodium', 'udx + secret-stream'].map(cold('upload')),
        },
      ],
    },
    {
      title: 'The first hundred round trips of two processes, median',
      unit: 'µs',
      better: 'lower',
      reference: 'ws',
      rows: [
        {
          name: 'ping',
          contestants: ['stt ws', 'same calls, ws', 'stt udp', 'udx + secret-stream', 'ws', 'node:tls'].map(firstPings),
        },
      ],
    },
  ]
}

const cold =
  (kind: 'upload' | 'download') =>
  (name: string): Contestant => ({
    name,
    async measure() {
      const pair = new ProcessPair(name)
      const { milliseconds } = await pair.ask({ kind, bytes: BYTES })
      pair.close()
      return BYTES / milliseconds / 1_000
    },
  })

const firstPings = (name: string): Contestant => ({
  name,
  async measure() {
    const pair = new ProcessPair(name)
    const { milliseconds } = await pair.ask({ kind: 'ping', count: 100 })
    pair.close()
    return (1_000 * milliseconds) / 100
  },
})
