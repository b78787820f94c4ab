import { expect, test } from 'vitest'
import { fromHex } from '../test/hex.ts'
import { refusalOf } from '../test/refusal.ts'
import { ByteReader } from './byte-reader.ts'
import { CloseCode } from './close-code.ts'
import { MAX_MESSAGE_SIZE, messageHeaderSize, readMessageHeader, writeMessageHeader } from './message.ts'
import { varintSizeFrom, writeVarint } from './varint.ts'

const read = (bytes: Uint8Array, maximum: number): number => {
  const reader = new ByteReader()
  reader.reset(bytes, 0, bytes.length)
  return readMessageHeader(reader, maximum)
}

test.each([0, 1, 63, 64, 16_383, 16_384, MAX_MESSAGE_SIZE])('the header of a message of %i bytes', length => {
  const buffer = new Uint8Array(8)
  const end = writeMessageHeader(buffer, 0, length, MAX_MESSAGE_SIZE)
  expect(end).toBe(messageHeaderSize(length))
  expect(varintSizeFrom(buffer[0]!)).toBe(end)
  expect(read(buffer.subarray(0, end), MAX_MESSAGE_SIZE)).toBe(length)
})

// spec: STT-FRM-14
test.each([
  ['its own limit', 1_001, 1_000],
  ['2 MiB, whatever the limit says', MAX_MESSAGE_SIZE + 1, Number.MAX_SAFE_INTEGER],
])('a message above %s is neither written nor read', (_, length, maximum) => {
  const buffer = new Uint8Array(8)
  expect(() => writeMessageHeader(buffer, 0, length, maximum)).toThrowError(
    expect.objectContaining({ code: 'STT_MESSAGE_TOO_LARGE' }),
  )
  const claimed = buffer.subarray(0, writeVarint(buffer, 0, length))
  expect(refusalOf(() => read(claimed, maximum))).toEqual({
    rule: 'message-too-large',
    offset: 0,
    closeCode: CloseCode.MessageTooLarge,
  })
})

// spec: STT-FRM-1 STT-FRM-14
test('a length that is no varint is refused as one', () => {
  expect(refusalOf(() => read(fromHex('4001'), 100))?.rule).toBe('varint-not-minimal')
  expect(refusalOf(() => read(fromHex('ffffffffffffffff'), 100))?.rule).toBe('varint-too-large')
})

// spec: STT-FRM-14
test('a message has at most 2 MiB, 2,097,152 bytes', () => {
  expect(MAX_MESSAGE_SIZE).toBe(2_097_152)
})
