import { expect, test } from 'vitest'
import { concat, decode, hex, rawFrame } from '../../test/bytes.ts'
import { FrameDecoder } from './decoder.ts'

const key = hex('01020304')
const empty = new Uint8Array(0)
const violation = (code: number) => [expect.objectContaining({ type: 'violation', code })]
const message = (data: Uint8Array) => ({ type: 'message', data })

// RFC 6455 §5.1
test('spec: STT-WS-10: a server refuses an unmasked frame, a client a masked one', () => {
  expect(decode('server', rawFrame(0x82, hex('00')))).toEqual(violation(1002))
  expect(decode('client', rawFrame(0x82, hex('00'), key))).toEqual(violation(1002))
})

test('spec: STT-WS-10: the mask bit is judged before the rest of the header arrives', () => {
  expect(decode('server', hex('8200'))).toEqual(violation(1002))
})

// §5.2
test.each([0x10, 0x20, 0x40, 0x70])('spec: STT-WS-4: reserved bits %s', bits => {
  expect(decode('client', rawFrame(0x82 | bits, empty))).toEqual(violation(1002))
  expect(decode('client', rawFrame(0x89 | bits, empty))).toEqual(violation(1002))
})

test.each([3, 4, 5, 6, 7, 0xb, 0xc, 0xd, 0xe, 0xf])('spec: STT-WS-11: opcode %s', opcode => {
  expect(decode('client', rawFrame(0x80 | opcode, empty))).toEqual(violation(1002))
})

test.each(['827e007d', '827e0000', '827f000000000000ffff', '827f0000000000000001'])(
  'spec: STT-WS-11: length not in its shortest form: %s',
  header => {
    expect(decode('client', hex(header))).toEqual(violation(1002))
  },
)

test('spec: STT-WS-11: the top bit of a length; the largest length without it is only too long', () => {
  expect(decode('client', hex('827f8000000000000000'))).toEqual(violation(1002))
  expect(decode('client', hex('827f7fffffffffffffff'))).toEqual(violation(1009))
})

test('the shortest forms at their edges', () => {
  for (const length of [0, 1, 125, 126, 127, 65_535]) {
    const data = new Uint8Array(length).fill(7)
    expect(decode('client', rawFrame(0x82, data))).toEqual([message(data)])
    expect(decode('server', rawFrame(0x82, data, key))).toEqual([message(data)])
  }
})

test('spec: STT-WS-7: text is refused, whole or as a first fragment', () => {
  expect(decode('client', rawFrame(0x81, hex('61')))).toEqual(violation(1003))
  expect(decode('client', rawFrame(0x01, hex('61')))).toEqual(violation(1003))
})

test('spec: STT-WS-7: a message of 65,535 bytes passes, one more byte does not, in one frame or several', () => {
  const half = new Uint8Array(32_768).fill(1)
  const rest = new Uint8Array(32_767).fill(2)
  expect(decode('client', rawFrame(0x02, half), rawFrame(0x80, rest))).toEqual([message(concat(half, rest))])
  expect(decode('client', rawFrame(0x02, half), rawFrame(0x80, half))).toEqual(violation(1009))
  expect(decode('client', rawFrame(0x82, new Uint8Array(65_536)))).toEqual(violation(1009))
})

// §5.4
test('a message in fragments, control frames between them', () => {
  const stream = [
    rawFrame(0x02, hex('01')),
    rawFrame(0x89, hex('aa')),
    rawFrame(0x00, empty),
    rawFrame(0x8a, empty),
    rawFrame(0x80, hex('02')),
  ]
  expect(decode('client', ...stream)).toEqual([
    { type: 'ping', data: hex('aa') },
    { type: 'pong', data: empty },
    message(hex('0102')),
  ])
})

test('spec: STT-WS-13: a continuation of nothing, and a message inside a message', () => {
  expect(decode('client', rawFrame(0x80, empty))).toEqual(violation(1002))
  expect(decode('client', rawFrame(0x82, empty), rawFrame(0x80, empty))).toEqual([message(empty), ...violation(1002)])
  expect(decode('client', rawFrame(0x02, empty), rawFrame(0x82, empty))).toEqual(violation(1002))
})

test('spec: STT-WS-8: 16 fragments pass, a 17th does not; empty ones count, control frames do not', () => {
  const first = rawFrame(0x02, empty)
  const middle = Array.from({ length: 14 }, () => concat(rawFrame(0x00, empty), rawFrame(0x89, empty)))
  const last = rawFrame(0x80, empty)
  expect(decode('client', first, ...middle, last).at(-1)).toEqual(message(empty))
  expect(decode('client', first, ...middle, rawFrame(0x00, empty), last).at(-1)).toEqual(violation(1008)[0])
  expect(decode('client', first, ...middle, last, first, ...middle, last).at(-1)).toEqual(message(empty))
})

// §5.5
test('spec: STT-WS-12: control frames are final and short', () => {
  for (const opcode of [8, 9, 10]) {
    expect(decode('client', rawFrame(opcode, empty))).toEqual(violation(1002))
    expect(decode('client', rawFrame(0x80 | opcode, new Uint8Array(126)))).toEqual(violation(1002))
  }
  expect(decode('client', rawFrame(0x89, new Uint8Array(125)))).toEqual([{ type: 'ping', data: new Uint8Array(125) }])
})

// §5.5.1 and §7.4
test('a Close with nothing, a code, a code and a reason', () => {
  expect(decode('client', rawFrame(0x88, empty))).toEqual([{ type: 'close', code: undefined, reason: '' }])
  expect(decode('client', rawFrame(0x88, hex('03e8')))).toEqual([{ type: 'close', code: 1000, reason: '' }])
  expect(decode('server', rawFrame(0x88, hex('0fa0c3a4'), key))).toEqual([{ type: 'close', code: 4000, reason: 'ä' }])
})

test.each([0, 999, 1004, 1005, 1006, 1015, 1016, 1999, 2000, 2999, 5000, 65_535])(
  'spec: STT-WS-15: close code %s is refused',
  code => {
    expect(decode('client', rawFrame(0x88, Uint8Array.of(code >> 8, code & 255)))).toEqual(violation(1002))
  },
)

test.each([1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999])(
  'close code %s',
  code => {
    expect(decode('client', rawFrame(0x88, Uint8Array.of(code >> 8, code & 255)))).toMatchObject([
      { type: 'close', code },
    ])
  },
)

test('spec: STT-WS-15: a Close of one byte, and a reason that is not UTF-8', () => {
  expect(decode('client', rawFrame(0x88, hex('03')))).toEqual(violation(1002))
  expect(decode('client', rawFrame(0x88, hex('03e8ff')))).toEqual(violation(1007))
})

test('spec: STT-WS-15: nothing after a Close counts, in the same chunk or a later one', () => {
  const close = rawFrame(0x88, empty)
  expect(decode('client', concat(close, close, hex('ffff')), close)).toEqual([
    { type: 'close', code: undefined, reason: '' },
  ])
})

test('nothing after a violation counts', () => {
  expect(decode('client', concat(rawFrame(0x83, empty), rawFrame(0x82, hex('01'))), rawFrame(0x82, hex('01')))).toEqual(
    violation(1002),
  )
})

// Memory and time
test('a message that lies whole in a chunk is a view of that chunk, unmasked in place', () => {
  const decoder = new FrameDecoder('server')
  const chunk = rawFrame(0x82, hex('aabbccdd'), key)
  decoder.push(chunk)
  const event = decoder.next()
  expect(event).toEqual(message(hex('aabbccdd')))
  expect(event?.type === 'message' && event.data.buffer).toBe(chunk.buffer)
})

test('spec: STT-WS-23: storage follows what arrived and not the claimed length', () => {
  const decoder = new FrameDecoder('client')
  const piece = (size: number) => {
    decoder.push(new Uint8Array(size))
    decoder.next()
    return decoder.storedBytes
  }
  decoder.push(hex('827effff'))
  decoder.next()
  expect(decoder.storedBytes).toBe(0)
  expect(piece(10)).toBe(1_024)
  expect(piece(5_000)).toBe(4 * 5_010)
  expect(piece(30_000)).toBe(65_535)
})

test('trim gives back what no message needed since the last time, and nothing inside a message', () => {
  const decoder = new FrameDecoder('client')
  const frame = rawFrame(0x82, new Uint8Array(2_000).fill(3))
  decoder.push(frame.slice(0, 500))
  expect(decoder.next()).toBeUndefined()
  decoder.trim()
  decoder.trim()
  decoder.push(frame.slice(500))
  expect(decoder.next()).toEqual(message(new Uint8Array(2_000).fill(3)))
  decoder.trim()
  expect(decoder.storedBytes).toBeGreaterThan(0)
  decoder.push(frame.slice())
  expect(decoder.next()?.type).toBe('message') // whole in its chunk: needs no storage
  decoder.trim()
  expect(decoder.storedBytes).toBe(0)
})

test('a chunk before the last one was used up is refused', () => {
  const decoder = new FrameDecoder('client')
  decoder.push(hex('8200'))
  expect(() => decoder.push(hex('8200'))).toThrowError(expect.objectContaining({ code: 'STT_INVALID_STATE' }))
})
