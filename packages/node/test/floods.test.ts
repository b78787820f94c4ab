import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import type { Link } from '@stt/frame'
import { dialWebSocket } from '@stt/transport-ws'
import { afterEach, expect, test } from 'vitest'
import { Seed } from '../src/index.ts'
import { hellos } from './hellos.ts'
import { createNode } from './nodes.ts'

const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

/** A socket of an address of its own, in a network of its own, and what came back to it. */
interface Stranger {
  readonly socket: Socket
  sent: number
  received: number
}

async function strangers(count: number): Promise<Stranger[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const stranger: Stranger = { socket: createSocket('udp4'), sent: 0, received: 0 }
      stranger.socket.on('message', message => {
        stranger.received += message.length
      })
      stranger.socket.bind(0, `127.1.${i}.1`)
      await once(stranger.socket, 'listening')
      closers.push(() => stranger.socket.close())
      return stranger
    }),
  )
}

test('an honest node gets in during a flood of HELLOs from 64 networks over UDP, half of which are right up to mac1', async () => {
  const FLOOD = 12_800
  const seed = Seed.generate()
  const server = await createNode({ seed, listen: ['udp://127.0.0.1:0'] })
  const client = await createNode({ seed })
  const port = Number(new URL(server.addresses[0]!).port)
  const senders = await strangers(64)
  const [wrong, right] = [hellos(true), hellos(true, seed)]

  let connecting: Promise<unknown> | undefined
  let pending = 0
  const memory = process.memoryUsage().rss
  for (let i = 0; i < FLOOD; i++) {
    const stranger = senders[i % senders.length]!
    const hello = (Math.floor(i / senders.length) % 2 ? right : wrong)(i)
    stranger.sent += hello.length
    stranger.socket.send(hello, port, '127.0.0.1')
    if (i === FLOOD / 4) connecting = client.connect(server.addresses)
    if (i % 32 !== 0) continue
    // So that the kernel's buffer is not what ends the flood.
    await turn()
    pending = Math.max(pending, server.getStatistics().pending)
  }
  const session = await client.connect(server.addresses)
  await connecting
  expect(await session.ping()).toBeGreaterThanOrEqual(0)

  const { badMac, badNoise, retries, sessionsOpened, sessions } = server.getStatistics()
  expect({ sessionsOpened, sessions }).toEqual({ sessionsOpened: 2, sessions: 2 })
  // Nothing of the flood is kept: at most the honest node's.
  expect(pending).toBeLessThanOrEqual(2)
  expect(badMac).toBeGreaterThan(FLOOD / 4)
  expect(retries).toBeGreaterThan(FLOOD / 8)
  expect(badNoise).toBeGreaterThan(0)
  // Who has not proved its address gets no more than it sent: a RETRY of 72 bytes for a HELLO of 1,200 at most.
  for (const { sent, received } of senders) expect(received).toBeLessThanOrEqual(sent / 16)
  expect(senders.reduce((sum, { received }) => sum + received, 0)).toBeGreaterThan(0)
  expect(process.memoryUsage().rss - memory).toBeLessThan(200e6)
})

test('an honest node gets in during a flood of WebSockets, half of whose HELLOs are right up to mac1', async () => {
  const FLOOD = 200
  const seed = Seed.generate()
  const server = await createNode({
    seed,
    listen: ['ws://127.0.0.1:0'],
    ws: { clientAddress: request => request.headers['x-forwarded-for'] as string | undefined },
  })
  const client = await createNode({ seed })
  const [address] = server.addresses as [string]
  const [wrong, right] = [hellos(false), hellos(false, seed)]
  let received = 0
  const dial = async (i: number): Promise<Link> => {
    const link = await dialWebSocket(address, { headers: { 'x-forwarded-for': `10.1.${i}.1` } })
    closers.push(() => link.close())
    link.onPacket = packet => {
      received += packet.length
    }
    for (let n = 0; n < 20; n++) link.send((n % 2 ? right : wrong)(100 * i + n))
    return link
  }
  let connecting: Promise<unknown> | undefined
  for (let i = 0; i < FLOOD; i += 20) {
    await Promise.all(Array.from({ length: 20 }, (_, j) => dial(i + j)))
    if (i === FLOOD / 2) connecting = client.connect(address)
    expect(server.getStatistics().pending).toBeLessThanOrEqual(1)
  }
  const session = await client.connect(address)
  await connecting
  expect(await session.ping()).toBeGreaterThanOrEqual(0)
  const { badMac, badNoise, rateLimited, sessionsOpened, pending } = server.getStatistics()
  expect({ sessionsOpened, pending }).toEqual({ sessionsOpened: 2, pending: 0 })
  // The eighth of them closed its link. spec: STT-WS-29
  expect(badMac + badNoise + rateLimited).toBe(8 * FLOOD)
  expect(Math.min(badMac, badNoise)).toBeGreaterThan(3 * FLOOD)
  expect(received).toBe(0)
})
