import { expect, test } from 'vitest'
import { hex } from '../../test/bytes.ts'
import { encodeClose, encodeFrame } from './encode.ts'
import { Opcode } from './opcode.ts'

test('spec: STT-WS-9: lengths take their shortest form', () => {
  const header = (length: number) => encodeFrame(Opcode.binary, new Uint8Array(length)).slice(0, -length)
  expect(header(125)).toEqual(hex('827d'))
  expect(header(126)).toEqual(hex('827e007e'))
  expect(header(65_535)).toEqual(hex('827effff'))
})

test('what no frame of STT carries is refused', () => {
  const refused = expect.objectContaining({ code: 'STT_INVALID_ARGUMENT' })
  expect(() => encodeFrame(Opcode.binary, new Uint8Array(65_536))).toThrowError(refused)
  expect(() => encodeFrame(Opcode.ping, new Uint8Array(126))).toThrowError(refused)
})

test('close payloads', () => {
  expect(encodeClose()).toEqual(new Uint8Array(0))
  expect(encodeClose(1001, 'bye')).toEqual(hex('03e9627965'))
})
