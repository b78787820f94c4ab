import { runs } from '@stt/vitest-config/runs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toHex } from '../test/hex.ts'
import {
  connectionIdKey,
  isPacket,
  MAX_PACKET_NUMBER,
  PACKET_HEADER_SIZE,
  PACKET_OVERHEAD,
  packetDestination,
  packetEpochBits,
  packetNumberOf,
  writePacketHeader,
} from './packet-header.ts'

const destination = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)

const packet = (packetNumber: number, epoch: number): Uint8Array => {
  const bytes = new Uint8Array(PACKET_OVERHEAD)
  writePacketHeader(bytes, destination, packetNumber, epoch)
  return bytes
}

describe('packet header', () => {
  // spec: STT-FRM-3
  test('flags, connection id and number stand where they belong', () => {
    const bytes = packet(0x0102_0304_0506, 7).subarray(0, PACKET_HEADER_SIZE)
    expect(toHex(bytes)).toBe('700102030405060708' + '0000010203040506')
  })

  // spec: STT-FRM-3
  test('what is written is read', () => {
    fc.assert(
      fc.property(fc.nat({ max: MAX_PACKET_NUMBER - 1 }), fc.nat(1_000), (packetNumber, epoch) => {
        const bytes = packet(packetNumber, epoch)
        expect(isPacket(bytes)).toBe(true)
        expect(packetNumberOf(bytes)).toBe(packetNumber)
        expect(packetEpochBits(bytes)).toBe(epoch % 4)
        expect(packetDestination(bytes)).toEqual(destination)
      }),
      runs(),
    )
  })

  // spec: STT-FRM-3
  test('of all first bytes the four with the bits 01, an epoch and nothing else begin a packet', () => {
    const bytes = packet(0, 0)
    const taken = Array.from({ length: 256 }, (_, first) => first).filter(first => {
      bytes[0] = first
      return isPacket(bytes)
    })
    expect(taken).toEqual([0x40, 0x50, 0x60, 0x70])
  })

  // spec: STT-FRM-3
  test('anything shorter than header and tag is no packet', () => {
    for (let length = 0; length < PACKET_OVERHEAD; length++) {
      expect(isPacket(packet(0, 0).subarray(0, length))).toBe(false)
    }
  })

  // spec: STT-FRM-4
  test('a number from 2^48 on is refused', () => {
    expect(packetNumberOf(packet(MAX_PACKET_NUMBER - 1, 0))).toBe(MAX_PACKET_NUMBER - 1)
    expect(packetNumberOf(packet(MAX_PACKET_NUMBER, 0))).toBeUndefined()
    const largest = packet(0, 0)
    largest.fill(0xff, 9, PACKET_HEADER_SIZE)
    expect(packetNumberOf(largest)).toBeUndefined()
  })

  test('connection ids are equal as keys when their bytes are', () => {
    const other = destination.slice()
    expect(connectionIdKey(packet(5, 0), 1)).toBe(connectionIdKey(other))
    other[7] = 9
    expect(connectionIdKey(other)).not.toBe(connectionIdKey(destination))
  })
})

describe('arguments that make no header', () => {
  const refused = expect.objectContaining({ code: 'STT_INVALID_ARGUMENT' })
  const header = (destination: Uint8Array, packetNumber: unknown, epoch: unknown) => () =>
    writePacketHeader(new Uint8Array(17), destination, packetNumber as number, epoch as number)

  test.each([0, 7, 9, 16])('a connection id of %i bytes', length => {
    expect(header(new Uint8Array(length), 0, 0)).toThrowError(refused)
  })

  test('numbers and epochs: both edges', () => {
    const id = new Uint8Array(8)
    for (const number of [-1, 0.5, Number.NaN, 2 ** 53, '1']) expect(header(id, number, 0)).toThrowError(refused)
    for (const number of [0, 2 ** 53 - 1]) expect(header(id, number, 0)).not.toThrow()
    for (const epoch of [-1, 0.5, Number.NaN]) expect(header(id, 0, epoch)).toThrowError(refused)
    expect(header(id, 0, 2 ** 40 + 3)).not.toThrow()
  })

  test('a map key of bytes that are not there', () => {
    expect(() => connectionIdKey(new Uint8Array(7))).toThrowError(refused)
    expect(() => connectionIdKey(new Uint8Array(16), 9)).toThrowError(refused)
    expect(connectionIdKey(new Uint8Array(16), 8)).toHaveLength(8)
  })
})
