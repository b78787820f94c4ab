import { expect, test } from 'vitest'
import { refuseResponse, requestHeaders } from './response.ts'

// RFC 6455 §4.1: the opening handshake, as a client reads the answer.

const key = 'dGhlIHNhbXBsZSBub25jZQ=='
const good = {
  upgrade: 'WebSocket',
  connection: 'upgrade',
  'sec-websocket-accept': 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
  'sec-websocket-protocol': 'stt.v1',
}

test('the request', () => {
  expect(requestHeaders(key, 'stt.v1')).toEqual({
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': key,
    'Sec-WebSocket-Protocol': 'stt.v1',
  })
})

test('a correct answer', () => {
  expect(refuseResponse(good, key, 'stt.v1')).toBeUndefined()
  expect(refuseResponse({ ...good, connection: 'keep-alive, Upgrade' }, key, 'stt.v1')).toBeUndefined()
})

test.each([
  ['STT-WS-3', 'upgrade', undefined],
  ['STT-WS-3', 'upgrade', 'h2c'],
  ['STT-WS-3', 'connection', undefined],
  ['STT-WS-3', 'connection', 'close'],
  ['STT-WS-3', 'sec-websocket-accept', undefined],
  ['STT-WS-3', 'sec-websocket-accept', 's3pPLMBiTxaQ9kYGzzhZRbK+xOO='],
  ['STT-WS-3', 'sec-websocket-accept', 'S3PPLMBITXAQ9KYGZZHZRBK+XOO='],
  ['STT-WS-4', 'sec-websocket-extensions', 'permessage-deflate'],
  ['STT-WS-4', 'sec-websocket-extensions', ''],
  ['STT-WS-2', 'sec-websocket-protocol', undefined],
  ['STT-WS-2', 'sec-websocket-protocol', 'chat'],
  ['STT-WS-2', 'sec-websocket-protocol', 'stt.v1, chat'],
])('spec: %s: %s: %s', (_rule, name, value) => {
  expect(refuseResponse({ ...good, [name]: value }, key, 'stt.v1')).toBeTypeOf('string')
})
