import type { Benchmark, Contestant } from '../benchmark.ts'
import { percentile, summarize } from '../stats.ts'
import { ProcessPair } from '../transports/process-pair.ts'
import type { Task, TaskResult } from '../transports/protocol.ts'

const MEBIBYTE = 1_048_576
const BULK = 128 * MEBIBYTE
/** Over TCP that would be over before V8 has settled how often it collects. */
export const BULK_OVER_TCP: number = 512 * MEBIBYTE
const PINGS = 20_000
const HANDSHAKES = 100
const OVER_TCP = [
  'stt ws',
  'same calls, ws',
  'ws',
  'wss',
  'node:tls',
  'http2, 8 MiB windows',
  'libp2p: ws, noise, yamux',
]
const WITH_ROUND_TRIPS = ['stt ws', 'same calls, ws', 'stt udp', 'udx + secret-stream', 'ws', 'node:tls', 'dgram + AEAD', 'libp2p: ws, noise, yamux'] // biome-ignore format: one line

export function benchmarks(): readonly Benchmark[] {
  return [
    {
      title: 'WebSocket, client to server, one stream',
      unit: 'MB/s',
      better: 'higher',
      reference: 'ws',
      rows: [{ name: 'upload', contestants: OVER_TCP.map(bulk('upload', BULK_OVER_TCP)) }],
    },
    {
      title: 'WebSocket, server to client, one stream',
      unit: 'MB/s',
      better: 'higher',
      reference: 'node:tls',
      rows: [{ name: 'download', contestants: OVER_TCP.map(bulk('download', BULK_OVER_TCP)) }],
    },
    {
      title: 'UDP, datagrams of 1,452 bytes',
      unit: 'MB/s',
      better: 'higher',
      reference: 'dgram + AEAD 1,452',
      rows: [
        {
          name: 'upload',
          contestants: [
            'stt udp 1,452',
            'stt udp 1,452, sodium',
            'udx + secret-stream',
            'dgram 1,452',
            'dgram + AEAD 1,452',
          ].map(bulk('upload')),
        },
      ],
      notes: [
        'dgram: a window of acknowledgements and nothing else; + AEAD: each datagram sealed and opened by what STT seals with, so these are the same calls of Node',
      ],
    },
    {
      title: 'UDP, datagrams of 61,440 bytes',
      unit: 'MB/s',
      better: 'higher',
      reference: 'dgram + AEAD',
      rows: [
        {
          name: 'upload',
          contestants: ['stt udp', 'udx + secret-stream', 'dgram', 'dgram + AEAD'].map(bulk('upload')),
        },
      ],
    },
    {
      title: 'Round trip of a small request, median',
      unit: 'µs',
      better: 'lower',
      reference: 'ws',
      rows: [
        {
          name: 'ping',
          contestants: WITH_ROUND_TRIPS.map(ping(each => summarize(each).median)),
        },
      ],
    },
    {
      title: 'Round trip of a small request, 99th percentile',
      unit: 'µs',
      better: 'lower',
      reference: 'ws',
      rows: [{ name: 'ping', contestants: WITH_ROUND_TRIPS.map(ping(each => percentile(each, 99))) }],
    },
    {
      title: 'A hundred streams at once, client to server',
      unit: 'MB/s',
      better: 'higher',
      reference: 'stt ws',
      rows: [
        {
          name: 'WebSocket',
          contestants: ['stt ws', 'stt ws, 100 streams'].map(bulk('upload', BULK_OVER_TCP)),
        },
      ],
    },
    {
      title: 'A hundred streams at once over UDP, client to server',
      unit: 'MB/s',
      better: 'higher',
      reference: 'stt udp',
      rows: [{ name: 'UDP', contestants: ['stt udp', 'stt udp, 100 streams'].map(bulk('upload')) }],
    },
    {
      title: 'Connections opened and closed, one after the other',
      unit: 'a second',
      better: 'higher',
      reference: 'node:tls',
      rows: [
        {
          name: 'handshakes',
          contestants: [
            'stt ws',
            'same calls, ws',
            'stt udp',
            'same calls, udp',
            'udx + secret-stream',
            'node:tls',
            'libp2p: ws, noise, yamux',
          ].map(handshakes),
        },
      ],
    },
  ]
}

export const bulk =
  (kind: 'upload' | 'download', bytes: number = BULK) =>
  (name: string): Contestant =>
    contestant(name, { kind, bytes }, ({ milliseconds }) => bytes / milliseconds / 1_000)

const ping =
  (figure: (each: readonly number[]) => number) =>
  (name: string): Contestant =>
    contestant(name, { kind: 'ping', count: PINGS }, ({ each }) => 1_000 * figure(each!))

const handshakes = (name: string): Contestant =>
  contestant(name, { kind: 'handshake', count: HANDSHAKES }, ({ milliseconds }) => (1_000 * HANDSHAKES) / milliseconds)

/**
 * A pair of processes, warmed up by one task that does not count. Every third round is a new pair's first: what V8 settles on
 * in a process's first second, and keeps to, is a matter of luck.
 */
function contestant(name: string, task: Task, figure: (result: TaskResult) => number): Contestant {
  let pair = new ProcessPair(name)
  let rounds = 0
  return {
    name,
    async measure() {
      if (rounds++ % ROUNDS_OF_A_PAIR === 0) {
        pair.close()
        pair = new ProcessPair(name)
        await pair.ask(task)
      }
      return figure(await pair.ask(task))
    },
    close: () => pair.close(),
  }
}

const ROUNDS_OF_A_PAIR = 3
