import { expect, test } from 'vitest'
import golden from '../../test/golden-segments.json' with { type: 'json' }
import { openSegments, StreamDecoder, StreamEncoder } from '../index.ts'

const bytes = (hex: string): Uint8Array => Uint8Array.from(hex.match(/../g) ?? [], byte => Number.parseInt(byte, 16))
const hex = (bytes: Uint8Array): string => [...bytes].map(byte => byte.toString(16).padStart(2, '0')).join('')

const options = { key: bytes(golden.key), context: new TextEncoder().encode(golden.context) }
const plaintext = golden.parts.join('')

test('the encoder writes the bytes that another implementation wrote', () => {
  // spec: STT-SEG-20 STT-SEG-21 STT-SEG-22 STT-SEG-23 STT-SEG-24 STT-SEG-25
  const { segmentSize } = golden
  const encoder = new StreamEncoder({ ...options, segmentSize, entropy: () => bytes(golden.salt) })
  const pieces = encoder.encode(bytes(golden.parts[0]!))
  encoder.rotateKeys()
  pieces.push(...encoder.encode(bytes(golden.parts[1]!)), ...encoder.end())
  expect(pieces.map(hex)).toEqual(golden.pieces)
  expect(encoder.getStatistics()).toEqual({ segments: 6, bytesIn: 45, bytesOut: 293, epoch: 1, ended: true })
})

test('the decoder opens them', () => {
  const decoder = new StreamDecoder(options)
  const opened = golden.pieces.flatMap(piece => decoder.decode(bytes(piece)).map(hex))
  expect(opened.join('')).toBe(plaintext)
  expect(decoder.ended).toBe(true)
  decoder.end()
  expect(hex(openSegments(bytes(golden.pieces.join('')), options))).toBe(plaintext)
})
