import fc from 'fast-check'
import { expect, test } from 'vitest'
import { concat, decode, rawFrame } from '../../test/bytes.ts'
import { encodeFrame, frameSize, writeFrame } from './encode.ts'
import { applyMask } from './mask.ts'
import { Opcode } from './opcode.ts'

const maskKey = fc.integer({ min: 0, max: 0xffff_ffff })
const payload = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.integer({ min: 0, max: 65_535 }).map(size => Uint8Array.from({ length: size }, (_, i) => i * 31)),
)

test('a frame that was written is read back, masked and not', () => {
  fc.assert(
    fc.property(payload, maskKey, (data, key) => {
      for (const events of [
        decode('server', encodeFrame(Opcode.binary, data, key)),
        decode('client', encodeFrame(Opcode.binary, data)),
      ]) {
        expect(events.length).toBe(1)
        expect(events[0]!.type === 'message' && Buffer.compare(events[0]!.data, data)).toBe(0)
      }
    }),
    { numRuns: 60 },
  )
})

test('a frame fills exactly its size', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 300 }),
      fc.option(maskKey, { nil: undefined }),
      fc.nat(9),
      (data, key, offset) => {
        const size = frameSize(data.length, key !== undefined)
        const target = new Uint8Array(offset + size + 8).fill(0xee)
        expect(writeFrame(target, offset, Opcode.binary, data, key)).toBe(offset + size)
        expect(target.subarray(offset, offset + size)).toEqual(encodeFrame(Opcode.binary, data, key))
        expect(new Set([...target.subarray(0, offset), ...target.subarray(offset + size)])).toEqual(new Set([0xee]))
      },
    ),
  )
})

test('masking by words equals RFC 6455 §5.3 byte by byte, at every alignment, length and phase', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), maskKey, fc.nat(7), fc.nat(7), (data, key, start, phase) => {
      const bytes = new Uint8Array(data.length + 8)
      bytes.set(data, start)
      applyMask(bytes, start, start + data.length, key, phase)
      const octets = [key >>> 24, (key >>> 16) & 255, (key >>> 8) & 255, key & 255]
      const expected = new Uint8Array(data.length + 8)
      expected.set(
        data.map((byte, i) => byte ^ octets[(phase + i) & 3]!),
        start,
      )
      expect(bytes).toEqual(expected)
    }),
    { numRuns: 500 },
  )
})

const fragment = fc.uint8Array({ maxLength: 200 })
const messageFrames = fc.tuple(fc.array(fragment, { minLength: 1, maxLength: 16 }), maskKey).map(([parts, key]) => {
  const octets = Uint8Array.of(key >>> 24, key >>> 16, key >>> 8, key)
  const frames = parts.map((part, i) => rawFrame((i === 0 ? 2 : 0) | (i === parts.length - 1 ? 0x80 : 0), part, octets))
  return { frames, message: concat(...parts) }
})

test('chunking never changes the events', () => {
  fc.assert(
    fc.property(
      fc.array(messageFrames, { maxLength: 5 }),
      fc.array(fc.nat(2_000)),
      fc.boolean(),
      (messages, cuts, broken) => {
        const stream = concat(
          ...messages.flatMap(each => each.frames),
          Uint8Array.of(broken ? 0xf2 : 0x88, 0x80, 0, 0, 0, 0),
        )
        const positions = [...new Set(cuts.map(cut => cut % (stream.length + 1)))].sort((a, b) => a - b)
        const chunks = [...positions, stream.length].map((end, i) =>
          stream.subarray(i === 0 ? 0 : positions[i - 1]!, end),
        )
        const whole = decode('server', stream)
        expect(decode('server', ...chunks)).toEqual(whole)
        expect(whole.slice(0, -1)).toEqual(messages.map(each => ({ type: 'message', data: each.message })))
        expect(whole.at(-1)!.type).toBe(broken ? 'violation' : 'close')
      },
    ),
    { numRuns: 200 },
  )
})

test('one byte at a time', () => {
  const data = Uint8Array.from({ length: 1_000 }, (_, i) => i)
  const stream = concat(
    encodeFrame(Opcode.ping, data.subarray(0, 100), 0x01020304),
    encodeFrame(Opcode.binary, data, 0xdeadbeef),
  )
  expect(decode('server', ...Array.from(stream, byte => Uint8Array.of(byte)))).toEqual([
    { type: 'ping', data: data.subarray(0, 100) },
    { type: 'message', data },
  ])
})

test('whatever bytes come: no exception, and nothing after the end', () => {
  const mutated = fc.tuple(
    fc.array(messageFrames, { minLength: 1, maxLength: 3 }),
    fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 }),
  )
  fc.assert(
    fc.property(
      fc.oneof(fc.uint8Array({ maxLength: 500 }), mutated.map(mutate)),
      fc.constantFrom('server', 'client'),
      (stream, role) => {
        const events = decode(role, stream)
        const end = events.findIndex(event => event.type === 'close' || event.type === 'violation')
        expect(end === -1 || end === events.length - 1).toBe(true)
        for (const event of events) expect('data' in event ? event.data.length : 0).toBeLessThanOrEqual(65_535)
      },
    ),
    { numRuns: 500 },
  )
})

function mutate([messages, changes]: [{ frames: Uint8Array[] }[], [number, number][]]): Uint8Array {
  const stream = concat(...messages.flatMap(each => each.frames))
  for (const [position, value] of changes) stream[position % stream.length] = value
  return stream
}
