import { measureMemory } from '@stt/testing'
import { expect, test } from 'vitest'
import { counting, seeded } from '../../test/bytes.ts'
import { type Client, RelayBench } from '../../test/relay-bench.ts'

const LIMITS = { listeners: 500, listenersPerAddress: 20 }

// spec: STT-RLY-9 STT-RLY-16
test('100,000 LISTENs from a thousand addresses: what is kept is bounded, and an honest node is served', async () => {
  const bench = new RelayBench({ limits: LIMITS })
  const random = seeded(7)
  const honest = bench.listener(counting(1, 32))
  const held: Client[] = []
  const wave = (count: number): void => {
    for (let i = 0; i < count; i++) {
      if (i % 1_000 === 0) bench.advance(1_000)
      if (i % 25_000 === 0) honest.listen([{ mailbox: counting(1, 32), token: counting(1, 16) }])
      const client = bench.open({ address: `attacker ${i % 1_000}` })
      client.listen([{ mailbox: random(32), token: random(16) }])
      // Some stay as long as they may, others leave names behind that are reserved.
      if (i % 3 === 0) held.push(client)
      else client.end()
      if (held.length > 300) held.shift()!.end()
    }
  }
  wave(50_000)
  const before = await measureMemory()
  wave(50_000)
  const after = await measureMemory()
  expect(after / before).toBeLessThan(1.1)
  const { listens, listeners, mailboxes } = bench.engine.getStatistics()
  expect(listens).toBeGreaterThan(100_000)
  expect(listeners).toBeLessThanOrEqual(LIMITS.listeners)
  expect(mailboxes).toBeLessThanOrEqual(5 * LIMITS.listeners)
  const dialer = bench.open()
  dialer.dial([counting(1, 32)])
  expect([dialer.heard, honest.heard]).toEqual([[], ['incoming']])
})
