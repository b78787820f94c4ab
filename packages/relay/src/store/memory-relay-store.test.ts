import { expect, test } from 'vitest'
import { relayStoreRules } from '../testing/store-rules.ts'
import { MemoryRelayStore } from './memory-relay-store.ts'

function open(): { store: MemoryRelayStore; advance: (seconds: number) => Promise<void> } {
  let now = 1_000
  return {
    store: new MemoryRelayStore({ now: () => now }),
    advance: async seconds => {
      now += seconds * 1_000
    },
  }
}

for (const rule of relayStoreRules) test(`a store in memory ${rule.name}`, () => rule.check(async () => open()))

test('a store in memory keeps nothing once its time is over', async () => {
  const { store, advance } = open()
  const bytes = (size: number): Uint8Array => new Uint8Array(size)
  const names = [{ mailbox: bytes(32), owner: bytes(16) }]
  await store.put({ type: 'presence', names, instance: 'ws://127.0.0.1:1', isHere: true, seconds: 90 })
  const record = { topic: bytes(32), slot: bytes(16), blob: bytes(544), seconds: 300, address: 'a', most: 9 }
  await store.put({ type: 'record', ...record, isAgain: false })
  await store.count({ kind: 'circuits', address: 'a', member: bytes(12), seconds: 90, most: 9 })
  expect(store.size).toBe(3)
  await advance(301)
  expect(store.size).toBe(0)
})
