import fc from 'fast-check'
import { expect, test } from 'vitest'
import { makePair } from '../test/support.ts'
import { bodyLength, type HandshakeHeader, readHeader, writeHeader } from './header.ts'

const NOW = 1_000

// spec: STT-HS-3
test('another version is dropped before anything else of it is looked at', () => {
  const { initiator } = makePair()
  const hello = initiator.createHello(NOW)
  hello[1] = 2
  expect(readHeader(hello)).toBe('version')
  hello.fill(0xff, 2)
  expect(readHeader(hello)).toBe('version')
})

// spec: STT-HS-2
test.each([
  ['a reserved type', 0, 0x85],
  ['a packet’s first byte', 0, 0x40],
  ['a fragment byte of no message', 4, 0x00],
  ['three fragments', 4, 0x03],
  ['a fragment that is no AUTH_PROOF and no FINAL', 4, 0x02],
  ['the first reserved byte set', 5, 1],
  ['the second reserved byte set', 6, 1],
  ['the third reserved byte set', 7, 1],
])('%s is malformed', (_, offset, value) => {
  const { initiator } = makePair()
  const hello = initiator.createHello(NOW)
  expect(readHeader(hello)).toMatchObject({ type: 0 })
  hello[offset] = value
  expect(readHeader(hello)).toBe('malformed')
})

// spec: STT-HS-2
test.each([0x00, 0x03, 0x11, 0x22, 0x81])('the fragment byte %i is malformed in AUTH_PROOF too', fragment => {
  const bytes = fragmentOf(1_300, 0x02, 1_340)
  bytes[4] = 0x01
  expect(readHeader(bytes)).toMatchObject({ type: 2, fragment: 0x01 })
  bytes[4] = fragment
  expect(readHeader(bytes)).toBe('malformed')
})

// spec: STT-HS-4
test('whatever the header says, only one length fits', () => {
  const types = [0, 1, 2, 3, 4] as const
  fc.assert(
    fc.property(
      fc.constantFrom(...types),
      fc.integer({ min: 0, max: 4_000 }),
      fc.integer({ min: 0, max: 4_000 }),
      (type, noiseLength, length) => {
        const bytes = new Uint8Array(length + 24)
        writeHeader(bytes, { type, noiseLength, fragment: 0x01, dcid: new Uint8Array(8), scid: new Uint8Array(8) })
        const extra = { 0: 17, 1: 16, 2: 16, 3: 32, 4: 48 }[type]
        const parsed = readHeader(bytes)
        if (typeof parsed !== 'string') expect(length).toBe(noiseLength + extra)
      },
    ),
  )
})

// spec: STT-HS-6
test.each([
  { type: 2, noiseLength: 1_161, fragment: 0x02, length: 1_200, body: 1_161 },
  { type: 2, noiseLength: 1_161, fragment: 0x12, length: 41, body: 1_161 },
  { type: 2, noiseLength: 2_320, fragment: 0x12, length: 1_200, body: 2_320 },
  // FINAL's body ends with the confirmation, which may itself be cut.
  { type: 3, noiseLength: 1_145, fragment: 0x02, length: 1_200, body: 1_161 },
  { type: 3, noiseLength: 1_145, fragment: 0x12, length: 41, body: 1_161 },
  { type: 3, noiseLength: 2_304, fragment: 0x12, length: 1_200, body: 2_320 },
] as const)(
  'fragment $fragment of $noiseLength bytes of type $type has $length bytes',
  ({ type, noiseLength, fragment, length, body }) => {
    const header = readHeader(fragmentOf(noiseLength, fragment, length, type)) as HandshakeHeader
    expect(header).toMatchObject({ type, noiseLength, fragment })
    expect(bodyLength(header)).toBe(body)
    expect(readHeader(fragmentOf(noiseLength, fragment, length + 1, type))).toBe('malformed')
  },
)

// spec: STT-HS-6
test('a message that fits one datagram is not accepted in two, and one that does not fit two not at all', () => {
  expect(readHeader(fragmentOf(1_160, 0x02, 1_200))).toBe('malformed')
  expect(readHeader(fragmentOf(1_160, 0x12, 40))).toBe('malformed')
  expect(readHeader(fragmentOf(2_321, 0x02, 1_200))).toBe('malformed')
  expect(readHeader(fragmentOf(2_321, 0x12, 1_201))).toBe('malformed')
  expect(readHeader(fragmentOf(1_144, 0x02, 1_200, 3))).toBe('malformed')
  expect(readHeader(fragmentOf(1_144, 0x12, 40, 3))).toBe('malformed')
  expect(readHeader(fragmentOf(2_305, 0x02, 1_200, 3))).toBe('malformed')
})

test('no bytes at all make the parser throw', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), bytes => void readHeader(bytes)))
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 24, maxLength: 80 }), bytes => {
      bytes[0] = 0x80 | (bytes[0]! & 7)
      bytes[1] = 1
      bytes.fill(0, 5, 8)
      readHeader(bytes)
    }),
  )
})

function fragmentOf(noiseLength: number, fragment: 0x02 | 0x12, length: number, type: 2 | 3 = 2): Uint8Array {
  const bytes = new Uint8Array(length)
  writeHeader(bytes, { type, noiseLength, fragment, dcid: new Uint8Array(8), scid: new Uint8Array(8) })
  return bytes
}
