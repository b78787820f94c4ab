import { measureMemory } from '@stt/testing'
import { expect } from 'vitest'
import { counting, seeded } from './bytes.ts'
import { type Client, RelayBench } from './relay-bench.ts'

const LIMITS = { listeners: 500, listenersPerAddress: 20 }

/** So many LISTENs from a thousand addresses: what is kept is bounded, and an honest node is served. */
export async function floodOfListens(count: number): Promise<void> {
  const bench = new RelayBench({ limits: LIMITS })
  const random = seeded(7)
  const honest = bench.listener(counting(1, 32))
  const held: Client[] = []
  let time = 0
  const wave = (): void => {
    for (let i = 0; i < count / 2; i++) {
      if (i % 1_000 === 0) {
        bench.advance(1_000)
        if (++time % 30 === 0) honest.listen([{ mailbox: counting(1, 32), token: counting(1, 16) }])
      }
      const client = bench.open({ address: `attacker ${i % 1_000}` })
      client.listen([{ mailbox: random(32), token: random(16) }])
      // Some stay as long as they may, others leave names behind that are reserved.
      if (i % 3 === 0) held.push(client)
      else client.end()
      if (held.length > 300) held.shift()!.end()
    }
  }
  wave()
  const before = await measureMemory()
  wave()
  const after = await measureMemory()
  expect(after / before).toBeLessThan(1.1)
  const { listens, listeners, mailboxes } = bench.engine.getStatistics()
  expect(listens).toBeGreaterThan(count)
  expect(listeners).toBeLessThanOrEqual(LIMITS.listeners)
  expect(mailboxes).toBeLessThanOrEqual(5 * LIMITS.listeners)
  const dialer = bench.open()
  dialer.dial([counting(1, 32)])
  expect([dialer.heard, honest.heard]).toEqual([[], ['incoming']])
}
