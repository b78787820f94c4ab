import type { SentFrame } from '@stt/frame'
import { expect, test } from 'vitest'
import type { SessionEvent } from '../session-events.ts'
import { DatagramQueue } from './datagram-queue.ts'

function queueOf(capacity: number) {
  const events: SessionEvent[] = []
  const queue = new DatagramQueue(capacity, event => events.push(event))
  const expired = (): number[] =>
    events.map(event => (event.type === 'datagram-settled' && event.outcome === 'expired' ? event.datagram : -1))
  return { queue, expired }
}

const LARGEST = 1_000

test('a full queue drops its oldest, says so, and counts it', () => {
  const { queue, expired } = queueOf(3)
  for (let i = 0; i < 5; i++) expect(queue.push(Uint8Array.of(i), LARGEST)).toBe(i)
  expect(queue.length).toBe(3)
  expect(expired()).toEqual([0, 1])
  expect(queue.expired).toBe(2)
})

test('datagrams leave in order, as many as fit, each whole', () => {
  const { queue } = queueOf(10)
  for (const length of [10, 20, 30]) queue.push(new Uint8Array(length), LARGEST)
  const sent: SentFrame[] = []
  expect(queue.fits(5, 16)).toBe(false)
  expect(queue.fits(5, 17)).toBe(true)
  expect(queue.write(new Uint8Array(100), 5, 40, sent)).toBe(5 + 12 + 22)
  expect(sent.map(({ id, length }) => [id, length])).toEqual([[0, 10], [1, 20]]) // biome-ignore format: one line
  expect(queue.length).toBe(1)
})

test('the bytes are the caller’s again at once', () => {
  const { queue } = queueOf(1)
  const data = Uint8Array.of(7)
  queue.push(data, LARGEST)
  data[0] = 8
  const buffer = new Uint8Array(3)
  queue.write(buffer, 0, 3, [])
  expect([...buffer]).toEqual([0x30, 1, 7])
})

test('what the path can no longer carry does not block what it can', () => {
  const { queue, expired } = queueOf(10)
  for (const length of [50, 60, 10, 50]) queue.push(new Uint8Array(length), LARGEST)
  queue.expireLargerThan(40)
  expect(expired()).toEqual([0, 1])
  queue.clear()
  expect(expired()).toEqual([0, 1, 2, 3])
})
