import { createSocket, type RemoteInfo } from 'node:dgram'
import { once } from 'node:events'
import { untilInRealTime } from '@stt/testing'
import { afterEach, expect, test } from 'vitest'
import { Seed } from '../src/index.ts'
import { createNode, first } from './nodes.ts'
import { dialThrough } from './tcp-forwarder.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

/** Between two nodes: it keeps what the listener answers until it is opened, for RESPONSE alone or for all. */
async function udpGate(target: string) {
  const { hostname, port } = new URL(target)
  const near = createSocket('udp4').bind(0, '127.0.0.1')
  const far = createSocket('udp4').bind(0, '127.0.0.1')
  await Promise.all([once(near, 'listening'), once(far, 'listening')])
  closers.push(
    () => near.close(),
    () => far.close(),
  )
  const ports = new Set<number>()
  let kept: Uint8Array[] = []
  let passes = (_answer: Uint8Array): boolean => false
  let dialer: RemoteInfo | undefined
  const answer = (bytes: Uint8Array): void => near.send(bytes, dialer!.port, dialer!.address)
  near.on('message', (bytes, from) => {
    dialer = from
    ports.add(from.port)
    far.send(bytes, Number(port), hostname)
  })
  far.on('message', bytes => (passes(bytes) ? answer(bytes) : kept.push(bytes)))
  return {
    address: `udp://127.0.0.1:${near.address().port}`,
    ports,
    open(what: 'response' | 'all') {
      passes = bytes => what === 'all' || bytes[0] === RESPONSE
      const waiting = kept
      kept = []
      for (const bytes of waiting)
        if (passes(bytes)) answer(bytes)
        else kept.push(bytes)
    },
  }
}

async function meet() {
  const seed = Seed.generate()
  const server = await createNode({ seed, listen: ['udp://127.0.0.1:0', 'ws://127.0.0.1:0'] })
  const client = await createNode({ seed })
  const [udp, ws] = server.addresses as [string, string]
  const gate = await udpGate(udp)
  const tcp = await dialThrough(ws)
  closers.unshift(() => tcp.close())
  return { server, client, gate, tcp }
}

test('the session moves to the UDP socket of the losing attempt as soon as that is answered', async () => {
  const { server, client, gate, tcp } = await meet()
  const accepting = first(server.sessions())
  const session = await client.connect([gate.address, tcp.address])
  expect(session.path?.kind).toBe('websocket')
  gate.open('all')
  const other = await accepting
  await untilInRealTime(() => session.path?.kind === 'udp' && other.path?.kind === 'udp')
  expect(gate.ports.size).toBe(1)
  expect([client.getStatistics().sessions, server.getStatistics().sessions]).toEqual([1, 1])
  await client.close()
})

test('the WebSocket of the losing attempt waits for its turn', async () => {
  const { server, client, gate, tcp } = await meet()
  const accepting = first(server.sessions())
  let chunks = 0
  tcp.onAnswer = (bytes, write) => {
    write(bytes)
    // Behind the upgrade the listener answers. UDP is answered now, but for the last message: that comes when both were.
    if (++chunks === 1) gate.open('response')
    if (chunks === 2) setTimeout(() => gate.open('all'), 200)
  }
  const session = await client.connect([gate.address, tcp.address])
  expect(session.path?.kind).toBe('udp')
  await untilInRealTime(() => session.paths.some(({ kind, state }) => kind === 'websocket' && state === 'standby'))
  expect(tcp.connections).toBe(1)
  const other = await accepting
  expect(other.paths.map(({ kind }) => kind).sort()).toEqual(['udp', 'websocket'])
  expect([client.getStatistics().sessions, server.getStatistics().sessions]).toEqual([1, 1])
  await client.close()
})

const RESPONSE = 0x81
