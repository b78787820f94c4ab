import fc from 'fast-check'
import { MAX_STREAM_COUNT } from '../src/frame-type.ts'
import { MAX_CLOSE_REASON, MAX_VARINT } from '../src/index.ts'
import type { FrameValue } from './frame-value.ts'
import { toHex } from './hex.ts'

/** Varints of every size alike: a uniform number would nearly always take eight bytes. */
export const varints: fc.Arbitrary<number> = fc.oneof(
  fc.nat(0x3f),
  fc.integer({ min: 0x40, max: 0x3fff }),
  fc.integer({ min: 0x4000, max: 0x3fff_ffff }),
  fc.integer({ min: 0x4000_0000, max: MAX_VARINT }),
  fc.constantFrom(0, 0x3f, 0x40, 0x3fff, 0x4000, 0x3fff_ffff, 0x4000_0000, MAX_VARINT),
)

const hex = (minLength: number, maxLength: number): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength, maxLength }).map(toHex)

const streamCount = varints.filter(count => count <= MAX_STREAM_COUNT)

const reason = fc
  .string({ unit: 'grapheme', maxLength: 80 })
  .filter(text => new TextEncoder().encode(text).length <= MAX_CLOSE_REASON)

/** Descending ranges made from their gaps and lengths, as the wire has them. */
const ranges: fc.Arbitrary<[number, number][]> = fc
  .tuple(
    fc.integer({ min: 100_000, max: MAX_VARINT }),
    fc.array(fc.tuple(fc.nat(500), fc.nat(500)), { minLength: 1, maxLength: 70 }),
  )
  .map(([largest, steps]) => {
    let next = largest
    return steps.map(([length, gap]) => {
      const range: [number, number] = [next, next - length]
      next = next - length - gap - 2
      return range
    })
  })

export const frames: fc.Arbitrary<FrameValue> = fc.oneof(
  fc.record({ type: fc.constantFrom('PING' as const, 'HANDSHAKE_DONE' as const) }),
  fc.record({ type: fc.constant('ACK' as const), delay: varints, ranges }),
  fc.record({ type: fc.constant('RESET' as const), id: varints, code: varints, finalSize: varints }),
  fc.record({ type: fc.constant('STOP' as const), id: varints, code: varints }),
  fc.record({
    type: fc.constant('STREAM' as const),
    id: varints,
    offset: varints.map(offset => Math.min(offset, MAX_VARINT - 100)),
    fin: fc.boolean(),
    data: hex(0, 100),
  }),
  fc.record({ type: fc.constant('MAX_DATA' as const), max: varints }),
  fc.record({ type: fc.constant('MAX_STREAM_DATA' as const), id: varints, max: varints }),
  fc.record({ type: fc.constantFrom('MAX_STREAMS_BIDI' as const, 'MAX_STREAMS_UNI' as const), max: streamCount }),
  fc.record({ type: fc.constant('JOIN' as const), serial: varints.map(serial => serial || 1), kind: fc.nat(0xff) }),
  fc.record({ type: fc.constantFrom('PATH_CHALLENGE' as const, 'PATH_RESPONSE' as const), data: hex(8, 8) }),
  fc.record({ type: fc.constant('DATAGRAM' as const), data: hex(0, 100) }),
  fc.record({ type: fc.constant('CLOSE' as const), app: fc.boolean(), code: varints, reason }),
)
