import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { fromHex, toHex } from '@stt/crypto'
import { bundledProgram } from '@stt/testing'
import { expect, test } from 'vitest'
import golden from '../../test/golden-segments.json' with { type: 'json' }
import { sealGolden } from '../../test/seal-golden.ts'
import { openSegments, StreamDecoder } from './index.ts'

const options = { key: fromHex(golden.key)!, context: new TextEncoder().encode(golden.context) }
const plaintext = golden.parts.join('')

test('the encoder writes the bytes that another implementation wrote', () => {
  // spec: STT-SEG-20 STT-SEG-21 STT-SEG-22 STT-SEG-23 STT-SEG-24 STT-SEG-25
  const { provider, pieces, encoder } = sealGolden()
  expect(pieces).toEqual(golden.pieces)
  expect(provider).toMatch(/^node/)
  expect(encoder.getStatistics()).toEqual({ segments: 6, bytesIn: 45, bytesOut: 293, epoch: 1, ended: true })
})

test('so does the code that browsers run', async () => {
  const program = await bundledProgram(join(import.meta.dirname, '../../test/print-golden.ts'), 'browser')
  const printed = JSON.parse(execFileSync(process.execPath, [program], { encoding: 'utf8' }))
  expect(printed.pieces).toEqual(golden.pieces)
  expect(printed.provider).not.toMatch(/^node/)
})

test('the decoder opens them', () => {
  const decoder = new StreamDecoder(options)
  const opened = golden.pieces.flatMap(piece => decoder.decode(fromHex(piece)!).map(toHex))
  expect(opened.join('')).toBe(plaintext)
  expect(decoder.ended).toBe(true)
  decoder.end()
  expect(toHex(openSegments(fromHex(golden.pieces.join(''))!, options))).toBe(plaintext)
})
