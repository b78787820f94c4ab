import { expect, test } from 'vitest'
import { SendPool } from './send-pool.ts'
import type { Sender } from './sender.ts'

test('a slot tells whose datagram was settled, and keeps nothing of it', () => {
  const settled: [Error | null, Sender][] = []
  const pool = new SendPool(1_500, (error, sender) => settled.push([error, sender]))
  const sender: Sender = { to: { address: '127.0.0.1', port: 9 }, drained: () => {}, unreachable: () => {} }
  const slot = pool.take(10)
  slot.sender = sender
  const failure = new Error('ENOBUFS')
  slot.settled(failure)
  expect(settled).toEqual([[failure, sender]])
  expect(slot.sender).toBeUndefined()
  expect(pool.take(1_500)).toBe(slot)
})
