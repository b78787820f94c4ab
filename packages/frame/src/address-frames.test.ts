import { describe, expect, test } from 'vitest'
import { fromHex, toHex } from '../test/hex.ts'
import { refusalOf } from '../test/refusal.ts'
import {
  type AddressList,
  addressListSize,
  readAddressList,
  writeAddressList,
  writeObserved,
} from './address-frames.ts'
import { ByteReader } from './byte-reader.ts'
import { FrameType } from './frame-type.ts'

const read = (hex: string): AddressList => {
  const bytes = fromHex(hex)
  const reader = new ByteReader()
  reader.reset(bytes, 0, bytes.length)
  return readAddressList(reader)
}

const write = (type: 0x20 | 0x21, list: AddressList): string => {
  const buffer = new Uint8Array(addressListSize(list))
  return toHex(buffer.subarray(0, writeAddressList(buffer, 0, type, list)))
}

const four = { source: 'observed', address: '192.0.2.7', port: 0xa1b2 } as const
const six = { source: 'host', address: '2001:db8::1', port: 443 } as const

// spec: STT-FRM-17
test('lists of addresses as bytes', () => {
  const list = { number: 300, candidates: [four, six] }
  const body = '412c02080102c0000207a1b2140201' + '20010db8000000000000000000000001' + '01bb'
  expect(write(FrameType.Addresses, list)).toBe(`20${body}`)
  expect(write(FrameType.Punch, list)).toBe(`21${body}`)
  expect(read(body)).toEqual(list)
  expect(read('0100')).toEqual({ number: 1, candidates: [] })
  const buffer = new Uint8Array(32)
  expect(toHex(buffer.subarray(0, writeObserved(buffer, 0, four)))).toBe('22080102c0000207a1b2')
})

// spec: STT-FRM-17
describe('what is no list', () => {
  test.each([
    ['the number 0', '0000'],
    ['nine addresses', `0109${'00'.repeat(9)}`],
    ['more than 1,000 bytes', `0108${`407dff01${'00'.repeat(123)}`.repeat(8)}`],
  ])('%s', (_name, hex) => {
    expect(refusalOf(() => read(hex))?.rule).toBe('address-list')
  })

  test('one that is cut short', () => {
    expect(refusalOf(() => read('0101080102c0'))?.rule).toBe('truncated')
  })

  test('nor is one of nine written', () => {
    expect(() => write(FrameType.Punch, { number: 1, candidates: Array.from({ length: 9 }, () => four) })).toThrow(
      expect.objectContaining({ code: 'STT_INVALID_ARGUMENT' }),
    )
  })
})

test('addresses of a kind that is not known are passed over', () => {
  expect(read('010202ff01080102c0000207a1b2')).toEqual({ number: 1, candidates: [four] })
})
