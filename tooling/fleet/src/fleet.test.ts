import type { IncomingMessage } from 'node:http'
import { listenRelay, MemoryRelayStore } from '@stt/relay'
import { expect, onTestFinished, test } from 'vitest'
import { Crowd } from './crowd.ts'
import { minuteOfLoad } from './load.ts'
import { movesOnLoss } from './moves.ts'

test('losing one of N relays moves one listener in N from its first relay, two in N in all, and no others', () => {
  for (const relays of [2, 5]) {
    const moves = movesOnLoss(relays, 20_000, 1)
    expect(moves).toEqual(movesOnLoss(relays, 20_000, 1))
    expect(moves.needless).toBe(0)
    expect(Math.abs(moves.first / moves.listeners - 1 / relays)).toBeLessThan(0.02)
    expect(Math.abs(moves.either / moves.listeners - 2 / relays)).toBeLessThan(0.02)
    expect(moves.fullest).toBeLessThan(1.05)
  }
})

test('a minute of load is the same each time, all of it is kept, and who is dialed is found', async () => {
  const options = { listeners: 1_200, instances: 3, seed: 1 }
  const load = await minuteOfLoad(new MemoryRelayStore(), options)
  expect(load).toEqual(await minuteOfLoad(new MemoryRelayStore(), options))
  // Two names and two records of each.
  expect(load.kept).toBe(4 * options.listeners)
  // A call to listen, one to count, two to put; of each fourth two to get; of each sixtieth, where he is elsewhere, one to find.
  expect(load.calls).toBe(4.5 * options.listeners + load.found)
  expect(load.found).toBeGreaterThan(8)
})

test('a crowd comes from many addresses, fills circuits, and says which client the relay refuses or leaves', async () => {
  const clientAddress = ({ headers }: IncomingMessage): string => String(headers['x-real-ip'])
  const limits = { listeners: 70, listenersPerAddress: 1, circuitsPerAddress: 1 }
  const relay = await listenRelay({ udpPorts: false, clientAddress, limits })
  onTestFinished(() => relay.close())
  const crowd = new Crowd(relay.url)
  onTestFinished(() => crowd.close())
  await crowd.listen(70)
  for (const index of [0, 0, 1]) await crowd.openCircuit(index)
  crowd.fillCircuits()
  await expect.poll(() => crowd.received).toBeGreaterThan(10_000_000)
  expect(relay.getStatistics()).toMatchObject({ listeners: 70, circuits: 3, faults: 0 })

  const late = new Crowd(relay.url)
  onTestFinished(() => late.close())
  await expect(late.listen(1)).rejects.toThrow('the relay refused (full) a listener, client 1 of this run')
  await relay.close()
  await expect(crowd.ping()).rejects.toThrow(/^the link closed \(.*\) of an? \w+, client \d+ of this run$/)
})
