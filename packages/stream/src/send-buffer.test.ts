import fc from 'fast-check'
import { expect, test } from 'vitest'
import { pattern } from '../test/pair.ts'
import { SendBuffer } from './send-buffer.ts'

test('any range that is kept can be copied out again, across blocks, until it is released', () => {
  const step = fc.record({
    write: fc.oneof(fc.nat(10), fc.nat(3_000), fc.nat(200_000)),
    release: fc.double({ min: 0, max: 1, noNaN: true }),
    from: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 15 }), steps => {
      const buffer = new SendBuffer()
      for (const { write, release, from } of steps) {
        const source = pattern(write + 5, buffer.end)
        buffer.append(source, write)
        source.fill(0)
        buffer.release(buffer.start + Math.floor((buffer.end - buffer.start) * release))
        const start = buffer.start + Math.floor((buffer.end - buffer.start) * from)
        const copy = new Uint8Array(buffer.end - start + 2)
        buffer.copyTo(copy, 1, start, buffer.end)
        expect(Buffer.compare(copy.subarray(1, -1), pattern(buffer.end - start, start))).toBe(0)
      }
    }),
    { numRuns: 60 },
  )
})

test('a block is not reused while any of its bytes may have to be sent again', () => {
  const [one, two] = [new SendBuffer(), new SendBuffer()]
  one.append(pattern(65_536), 65_536)
  one.release(65_535)
  two.append(new Uint8Array(65_536), 65_536)
  const last = new Uint8Array(1)
  one.copyTo(last, 0, 65_535, 65_536)
  expect(last[0]).toBe(pattern(65_536)[65_535])
})

test('what was lent while much was in flight is given back, and never lent twice', () => {
  const buffer = new SendBuffer()
  const size = 300 * 65_536
  buffer.append(new Uint8Array(size), size)
  buffer.release(size)
  const source = pattern(40 * 65_536)
  buffer.append(source, source.length)
  const copy = new Uint8Array(source.length)
  buffer.copyTo(copy, 0, size, size + source.length)
  expect(Buffer.compare(copy, source)).toBe(0)
})
