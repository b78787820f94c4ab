import { randomBytes } from 'node:crypto'
import { encodeDial, encodeListen } from '@stt/rendezvous'
import { measureMemory } from '@stt/testing'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { deferred } from '../test/client.ts'
import { listenRelay } from './listen-relay.ts'

const none = () => new Uint8Array(0)

// spec: STT-RLY-16
test('10,000 clients that are killed leave no slot and no memory taken', async () => {
  const most = 1_000_000
  const limits = { listenersPerAddress: most, listenersPerSecond: most, circuitsPerAddress: most, dialsPerSecond: most }
  const relay = await listenRelay({ limits: { ...limits, tickets: 100, circuits: 100, listeners: 100 } })
  /** Dials, says something, and is gone without a word. */
  const one = async (round: number): Promise<void> => {
    const socket = new WebSocket(relay.url, 'stt-relay.v1')
    const greeted = deferred()
    socket.once('message', () => greeted.resolve())
    await greeted.promise
    const name = randomBytes(32)
    if (round % 2 === 0) socket.send(encodeListen([{ mailbox: name, token: randomBytes(16) }], none))
    else socket.send(encodeDial([name], none))
    const ended = deferred()
    socket.once('close', () => ended.resolve())
    socket.terminate()
    await ended.promise
  }
  const wave = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i += 20) await Promise.all(Array.from({ length: 20 }, (_, j) => one(i + j)))
    await expect.poll(() => relay.getStatistics().links.links).toBe(0)
  }
  await wave(2_000)
  const before = await measureMemory()
  await wave(8_000)
  const after = await measureMemory()
  expect(relay.getStatistics()).toMatchObject({ listeners: 0, circuits: 0, tickets: 0, faults: 0 })
  expect(relay.getStatistics().refused.full).toBe(0)
  // Names of the last 30 s are still reserved: at most four for each place of a listener.
  expect(relay.getStatistics().mailboxes).toBeLessThanOrEqual(400)
  expect(after - before).toBeLessThan(2 * 1_048_576)
  await relay.close()
})
