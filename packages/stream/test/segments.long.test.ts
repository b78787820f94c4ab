import { measureMemory } from '@stt/testing'
import { expect, test } from 'vitest'
import { decodeFrom, encodeFrom, StreamDecoder, StreamEncoder } from '../src/segments/index.ts'

const TOTAL = 4 * 1024 ** 3
const PORTION = 256 * 1024
const ROTATE_EVERY = 512 * 1024 ** 2

const options = { key: new Uint8Array(32).fill(1), context: new TextEncoder().encode('4 GiB') }
const encoder = new StreamEncoder(options)
const decoder = new StreamDecoder(options)

function* source(): Generator<Uint8Array, void, undefined> {
  const portion = new Uint8Array(PORTION)
  const view = new DataView(portion.buffer)
  for (let at = 0; at < TOTAL; at += PORTION) {
    if (at > 0 && at % ROTATE_EVERY === 0) encoder.rotateKeys()
    for (let i = 0; i < PORTION; i += 4096) view.setFloat64(i, at + i)
    yield portion
  }
}

// Past every 32-bit size, in constant memory; half a minute.
test('4 GiB from a generator are sealed and opened, and memory stays as it was', async () => {
  let received = 0
  let peak = 0
  let baseline = 0
  const started = performance.now()
  for await (const bytes of decodeFrom(decoder, encodeFrom(encoder, source()))) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    for (let i = 0; i < bytes.length; i += 4096)
      if (view.getFloat64(i) !== received + i) throw new Error(`wrong bytes at ${received + i}`)
    received += bytes.length
    if (received % ROTATE_EVERY < bytes.length) {
      const memory = await measureMemory()
      if (received > TOTAL / 10 && baseline === 0) baseline = memory
      peak = Math.max(peak, memory)
    }
  }
  const seconds = (performance.now() - started) / 1000
  const rss = process.resourceUsage().maxRSS / 1024
  console.info(
    `segments, 4 GiB: ${(received / 1e6 / seconds).toFixed(0)} MB/s sealed and opened, ${decoder.getStatistics().epoch} key changes, ` +
      `in use at most ${(peak / 2 ** 20).toFixed(1)} MiB after collection, ${rss.toFixed(0)} MiB resident at most`,
  )
  expect(received).toBe(TOTAL)
  expect(peak).toBeLessThanOrEqual(1.1 * baseline)
})
