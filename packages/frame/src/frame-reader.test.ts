import { runs } from '@stt/vitest-config/runs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { frames } from '../test/arbitraries.ts'
import { decodeFrames, encodeFrame, encodeFrames, type FrameValue } from '../test/frame-value.ts'
import { fromHex, toHex } from '../test/hex.ts'
import { checkLaw } from '../test/law.ts'
import { refusalOf } from '../test/refusal.ts'
import { CloseCode } from './close-code.ts'
import { FrameReader } from './frame-reader.ts'
import { FrameType } from './frame-type.ts'

/** One frame of every kind, with fields of every varint size. */
const samples: readonly FrameValue[] = [
  { type: 'PING' },
  { type: 'ACK', delay: 25_000, ranges: [[70_000, 69_990], [69_000, 69_000], [40, 0]] }, // biome-ignore format: a table
  { type: 'RESET', id: 4, code: 2 ** 40, finalSize: 100_000 },
  { type: 'STOP', id: 2 ** 31, code: 77 },
  { type: 'STREAM', id: 1, offset: 2 ** 33, fin: false, data: '00112233' },
  { type: 'STREAM', id: 70, offset: 0, fin: true, data: '' },
  { type: 'MAX_DATA', max: 2 ** 26 },
  { type: 'MAX_STREAM_DATA', id: 3, max: 2 ** 24 },
  { type: 'MAX_STREAMS_BIDI', max: 1_024 },
  { type: 'MAX_STREAMS_UNI', max: 16_384 },
  { type: 'JOIN', serial: 2 ** 20, kind: 1 },
  { type: 'PATH_CHALLENGE', data: '0102030405060708' },
  { type: 'PATH_RESPONSE', data: '0807060504030201' },
  { type: 'CLOSE', app: true, code: 300, reason: 'bye ✓' },
  { type: 'HANDSHAKE_DONE' },
  { type: 'DATAGRAM', data: 'c0ffee' },
]

describe('FrameReader', () => {
  test('every frame of a packet is handed over, in order', () => {
    expect(decodeFrames(encodeFrames(samples)).frames).toEqual(samples)
  })

  test('any frames are read as they were written', () => {
    fc.assert(
      fc.property(fc.array(frames, { minLength: 1, maxLength: 5 }), values => {
        expect(decodeFrames(encodeFrames(values)).frames).toEqual(values)
      }),
      runs(),
    )
  })

  test('any bytes are refused, or read to frames that are written as the same bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 60 }), bytes => void checkLaw(bytes)),
      runs(2_000),
    )
  })

  test('every byte of every frame changed to every other: refused, or written as the same bytes', () => {
    for (const sample of samples) {
      const bytes = encodeFrame(sample)
      for (let at = 0; at < bytes.length; at++) {
        for (let value = 0; value < 256; value++) {
          const changed = bytes.slice()
          changed[at] = value
          checkLaw(changed)
        }
      }
    }
  })

  // spec: STT-FRM-5
  test('every frame cut short at any length is refused', () => {
    for (const sample of samples) {
      const bytes = encodeFrame(sample)
      for (let length = 1; length < bytes.length; length++) {
        const { rule } = refusalOf(() => decodeFrames(bytes, 0, length))!
        expect(rule, `${sample.type} cut to ${length} bytes`).toBe('truncated')
      }
    }
  })

  test('a frame is read the same wherever it lies in its buffer', () => {
    const bytes = encodeFrames(samples)
    const buffer = new Uint8Array(bytes.length + 10).fill(0xff)
    buffer.set(bytes, 3)
    expect(decodeFrames(buffer, 3, 3 + bytes.length).frames).toEqual(samples)
  })

  test('bytes are views into the packet, not copies', () => {
    const packet = encodeFrames([{ type: 'DATAGRAM', data: '2a2a' }])
    let seen: Uint8Array | undefined
    const visitor = new Proxy({}, { get: () => (data: Uint8Array) => void (seen = data) })
    new FrameReader(visitor as ConstructorParameters<typeof FrameReader>[0]).read(packet, 0, packet.length)
    expect(seen?.buffer).toBe(packet.buffer)
  })
})

// spec: STT-FRM-7
test('all but PADDING, ACK, CLOSE, JOIN and PATH_* ask for an acknowledgement', () => {
  const quiet = ['ACK', 'CLOSE', 'JOIN', 'PATH_CHALLENGE', 'PATH_RESPONSE']
  for (const sample of samples) {
    expect(decodeFrames(encodeFrame(sample)).ackEliciting, sample.type).toBe(!quiet.includes(sample.type))
  }
  expect(decodeFrames(new Uint8Array(3))).toEqual({ frames: [], ackEliciting: false })
  expect(decodeFrames(encodeFrames([...samples.filter(({ type }) => quiet.includes(type)), { type: 'PING' }])).ackEliciting).toBe(true) // biome-ignore format: one line
})

test('PADDING may stand before, between and after frames, and does not count', () => {
  const reader = new FrameReader(new Proxy({}, { get: () => () => {} }) as ConstructorParameters<typeof FrameReader>[0])
  const bytes = fromHex('00 00 01 00 1e 00 00')
  expect(reader.read(bytes, 0, bytes.length)).toBe(true)
  expect(reader.framesRead).toBe(2)
})

// spec: STT-FRM-6
test('each type that no frame has is refused with the code for it', () => {
  const known: number[] = Object.values(FrameType)
  for (let type = 0; type < 256; type++) {
    if (known.includes(type)) continue
    const refusal = refusalOf(() => decodeFrames(Uint8Array.of(FrameType.Ping, type, 0, 0, 0, 0)))
    expect(refusal).toEqual({ rule: 'unknown-frame', offset: 1, closeCode: CloseCode.UnknownFrame })
  }
  expect(known).not.toContain(0x03)
})

// spec: STT-FRM-5 STT-FRM-8 STT-FRM-9 STT-FRM-10 STT-FRM-11 STT-FRM-12 STT-FRM-13 STT-FRM-15
test.each([
  ['a packet without frames', '', 'empty-packet', 0],
  ['ACK whose first range begins below zero', '02 05 00 00 06', 'ack-range-below-zero', 1],
  ['ACK whose second range begins below zero', '02 05 00 01 02 01 01', 'ack-range-below-zero', 1],
  ['ACK whose gap leads below zero', '02 05 00 01 05 00 00', 'ack-range-below-zero', 1],
  ['ACK that claims more ranges than there are', '02 3f 00 3f 00 00 00', 'truncated', 7],
  ['ACK with a count of 2^53 - 1', '02 3f 00 c01fffffffffffff 00', 'ack-range-below-zero', 1, '00'.repeat(80)],
  ['STREAM that ends above 2^53 - 1', '08 00 c01fffffffffffff 01 ff', 'offset-too-large', 2],
  ['STREAM that claims more bytes than there are', '08 00 00 02 ff', 'truncated', 4],
  ['STREAM that claims 2^53 - 1 bytes', '08 00 00 c01fffffffffffff ff', 'truncated', 11],
  ['DATAGRAM that claims more bytes than there are', '30 02 ff', 'truncated', 2],
  ['MAX_STREAMS whose ids are no varint', '12 c008000000000000', 'stream-count-too-large', 1],
  ['MAX_STREAMS (one way) whose ids are no varint', '13 c008000000000000', 'stream-count-too-large', 1],
  ['JOIN with the serial 0', '17 00 01', 'join-serial-zero', 1],
  ['JOIN without a kind', '17 01', 'truncated', 2],
  ['CLOSE whose first byte is 2', '1c 02 00 00', 'close-app-flag', 1],
  ['CLOSE with a reason of 257 bytes', `1c 00 00 4101 ${'61'.repeat(257)}`, 'close-reason-too-long', 1],
  ['CLOSE that claims more reason than there is', '1c 00 00 02 61', 'truncated', 4],
  ['CLOSE whose reason is not UTF-8', '1c 00 00 02 c080', 'close-reason-not-utf8', 1],
  ['CLOSE whose reason holds a surrogate', '1c 00 00 03 eda080', 'close-reason-not-utf8', 1],
  ['a length that is not minimal', '30 4001 ff', 'varint-not-minimal', 1],
  ['a length above 2^53 - 1', '30 c020000000000000', 'varint-too-large', 1],
])('%s is refused', (_, hex, rule, offset, more = '') => {
  const bytes = fromHex(hex + more)
  expect(refusalOf(() => decodeFrames(bytes))).toEqual({ rule, offset, closeCode: CloseCode.FrameEncoding })
})

// spec: STT-FRM-13
test('nothing behind a malformed frame is handed over', () => {
  const seen: string[] = []
  const visitor = new Proxy({}, { get: (_, name) => () => void seen.push(String(name)) })
  const bytes = fromHex('01 1c 02 00 00 1e')
  const reader = new FrameReader(visitor as ConstructorParameters<typeof FrameReader>[0])
  expect(refusalOf(() => reader.read(bytes, 0, bytes.length))?.rule).toBe('close-app-flag')
  expect(seen).toEqual(['onPing'])
})

test('a reason keeps every character, a byte order mark at its start too', () => {
  const close: FrameValue = { type: 'CLOSE', app: false, code: 0, reason: '\ufeff😀' }
  expect(decodeFrames(encodeFrame(close)).frames).toEqual([close])
  expect(toHex(encodeFrame(close))).toBe('1c000007efbbbff09f9880')
})
