import { measureMemory } from '@stt/testing'
import { expect, test } from 'vitest'
import { createPair, exchange, pattern, pollAll, readAll } from '../test/pair.ts'

const COUNT = 10_000

test('ten thousand streams of one session all get their bytes and leave nothing behind', async () => {
  const credit = { maxStreamsBidi: COUNT, maxData: 64 * 1024 * 1024, maxStreamData: 2_000 }
  const { a, b } = createPair({ a: credit })
  const before = await measureMemory()
  const streams = Array.from({ length: COUNT }, () => a.open()!)
  for (const stream of streams) stream.write(pattern(1, stream.id))
  exchange(a, b, 16_384)
  const perStream = ((await measureMemory()) - before) / COUNT / 2
  console.info(`${Math.round(perStream)} bytes a stream and end`)
  expect(perStream).toBeLessThan(4_096)

  expect(b.list().length).toBe(COUNT)
  for (const stream of streams) {
    stream.write(pattern(30, stream.id + 1))
    stream.end()
  }
  exchange(a, b, 16_384)
  for (const stream of b.list()) {
    expect(Buffer.compare(readAll(stream), pattern(31, stream.id))).toBe(0)
    stream.end()
  }
  exchange(a, b, 16_384)
  expect([a.getStatistics().open, b.getStatistics().open]).toEqual([0, 0])
  pollAll(a)
  pollAll(b)
})
