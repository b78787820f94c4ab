import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  ByteReader,
  isPacket,
  MAX_MESSAGE_SIZE,
  packetDestination,
  packetEpochBits,
  packetNumberOf,
  readMessageHeader,
  TAG_SIZE,
  writeMessageHeader,
  writePacketHeader,
  writeVarint,
} from '../src/index.ts'
import { decodeFrames, encodeFrames, type FrameValue } from './frame-value.ts'
import { fromHex, toHex } from './hex.ts'
import { decodePunching, encodePunching, type PunchingValue } from './punching-frames.ts'
import { refusalOf } from './refusal.ts'

interface Vectors {
  readonly varints: readonly { readonly value: number; readonly bytes: string }[]
  readonly varintRefusals: readonly { readonly bytes: string; readonly rule: string }[]
  readonly headers: readonly {
    readonly name: string
    readonly bytes: string
    readonly epochBits: number
    readonly destination: string
    readonly packetNumber: number
  }[]
  readonly headerRefusals: readonly { readonly name: string; readonly bytes: string }[]
  readonly packets: readonly {
    readonly name: string
    readonly bytes: string
    readonly ackEliciting: boolean
    readonly frames: readonly FrameValue[]
  }[]
  readonly refusals: readonly {
    readonly name: string
    readonly bytes: string
    readonly rule: string
    readonly offset: number
    readonly closeCode: number
  }[]
  readonly punching: readonly {
    readonly name: string
    readonly bytes: string
    readonly ackEliciting: boolean
    readonly written: boolean
    readonly frames: readonly PunchingValue[]
  }[]
  readonly punchingRefusals: Vectors['refusals']
  readonly messages: readonly { readonly length: number; readonly header: string }[]
  readonly messageRefusals: readonly {
    readonly header: string
    readonly maximum: number
    readonly rule: string
    readonly closeCode: number
  }[]
}

const vectors: Vectors = JSON.parse(readFileSync(new URL('../vectors/frames.json', import.meta.url), 'utf8'))

const readerOf = (bytes: Uint8Array): ByteReader => {
  const reader = new ByteReader()
  reader.reset(bytes, 0, bytes.length)
  return reader
}

describe('vectors/frames.json', () => {
  test.each(vectors.varints)('varint $value', ({ value, bytes }) => {
    const buffer = new Uint8Array(8)
    expect(toHex(buffer.subarray(0, writeVarint(buffer, 0, value)))).toBe(bytes)
    expect(readerOf(fromHex(bytes)).varint()).toBe(value)
  })

  test.each(vectors.varintRefusals)('varint $bytes is refused: $rule', ({ bytes, rule }) => {
    expect(refusalOf(() => readerOf(fromHex(bytes)).varint())?.rule).toBe(rule)
  })

  test.each(vectors.headers)('header: $name', ({ bytes, epochBits, destination, packetNumber }) => {
    const packet = new Uint8Array(bytes.length / 2 + TAG_SIZE)
    packet.set(fromHex(bytes))
    expect(isPacket(packet)).toBe(true)
    expect(packetEpochBits(packet)).toBe(epochBits)
    expect(toHex(packetDestination(packet))).toBe(destination)
    expect(packetNumberOf(packet)).toBe(packetNumber)
    const written = new Uint8Array(bytes.length / 2)
    writePacketHeader(written, fromHex(destination), packetNumber, epochBits)
    expect(toHex(written)).toBe(bytes)
  })

  test.each(vectors.headerRefusals)('header refused: $name', ({ bytes }) => {
    const packet = fromHex(bytes)
    expect(isPacket(packet) && packetNumberOf(packet) !== undefined).toBe(false)
  })

  test.each(vectors.packets)('$name', ({ bytes, ackEliciting, frames }) => {
    const decoded = decodeFrames(fromHex(bytes))
    expect(decoded.frames).toEqual(frames.filter(({ type }) => type !== 'PADDING'))
    expect(decoded.ackEliciting).toBe(ackEliciting)
    expect(toHex(encodeFrames(frames))).toBe(bytes)
  })

  test.each(vectors.refusals)('refused: $name', ({ bytes, rule, offset, closeCode }) => {
    expect(refusalOf(() => decodeFrames(fromHex(bytes)))).toEqual({ rule, offset, closeCode })
  })

  // spec: STT-FRM-17 STT-FRM-18 STT-RLY-4
  test.each(vectors.punching)('$name', ({ bytes, ackEliciting, written, frames }) => {
    expect(decodePunching(fromHex(bytes))).toEqual({ ackEliciting, frames })
    if (written) expect(frames.map(frame => toHex(encodePunching(frame))).join('')).toBe(bytes)
  })

  test.each(vectors.punchingRefusals)('refused: $name', ({ bytes, rule, offset, closeCode }) => {
    expect(refusalOf(() => decodePunching(fromHex(bytes)))).toEqual({ rule, offset, closeCode })
  })

  test.each(vectors.messages)('message of $length bytes', ({ length, header }) => {
    const buffer = new Uint8Array(8)
    expect(toHex(buffer.subarray(0, writeMessageHeader(buffer, 0, length, MAX_MESSAGE_SIZE)))).toBe(header)
    expect(readMessageHeader(readerOf(fromHex(header)), MAX_MESSAGE_SIZE)).toBe(length)
  })

  test.each(vectors.messageRefusals)(
    'message header $header refused at $maximum',
    ({ header, maximum, rule, closeCode }) => {
      expect(refusalOf(() => readMessageHeader(readerOf(fromHex(header)), maximum))).toMatchObject({ rule, closeCode })
    },
  )
})
