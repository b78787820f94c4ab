import { expect, test } from 'vitest'
import { concat, decode, hex } from '../../test/bytes.ts'
import { encodeFrame } from './encode.ts'
import { Opcode } from './opcode.ts'

// The examples of RFC 6455 §5.7. Those with text show the same bytes and STT's refusal of text.
const hello = hex('48656c6c6f')
const maskKey = 0x37fa213d

test('unmasked text', () => {
  const frame = hex('810548656c6c6f')
  expect(encodeFrame(Opcode.text, hello)).toEqual(frame)
  expect(decode('client', frame)).toMatchObject([{ type: 'violation', code: 1003 }])
})

test('masked text', () => {
  const frame = hex('818537fa213d7f9f4d5158')
  expect(encodeFrame(Opcode.text, hello, maskKey)).toEqual(frame)
  expect(decode('server', frame)).toMatchObject([{ type: 'violation', code: 1003 }])
})

test('the same payload as binary, unmasked and masked', () => {
  expect(decode('client', hex('820548656c6c6f'))).toEqual([{ type: 'message', data: hello }])
  expect(decode('server', hex('828537fa213d7f9f4d5158'))).toEqual([{ type: 'message', data: hello }])
})

test('a message in two fragments (as binary)', () => {
  expect(decode('client', hex('020348656c'), hex('80026c6f'))).toEqual([{ type: 'message', data: hello }])
})

test('unmasked Ping and masked Pong', () => {
  expect(encodeFrame(Opcode.ping, hello)).toEqual(hex('890548656c6c6f'))
  expect(decode('client', hex('890548656c6c6f'))).toEqual([{ type: 'ping', data: hello }])
  expect(encodeFrame(Opcode.pong, hello, maskKey)).toEqual(hex('8a8537fa213d7f9f4d5158'))
  expect(decode('server', hex('8a8537fa213d7f9f4d5158'))).toEqual([{ type: 'pong', data: hello }])
})

test('256 bytes of binary in one unmasked frame', () => {
  const payload = Uint8Array.from({ length: 256 }, (_, i) => i)
  const frame = concat(hex('827e0100'), payload)
  expect(encodeFrame(Opcode.binary, payload)).toEqual(frame)
  expect(decode('client', frame)).toEqual([{ type: 'message', data: payload }])
})

test('64 KiB of binary in one unmasked frame is one byte too long for STT', () => {
  const frame = concat(hex('827f0000000000010000'), new Uint8Array(65_536))
  expect(decode('client', frame)).toMatchObject([{ type: 'violation', code: 1009 }])
})
