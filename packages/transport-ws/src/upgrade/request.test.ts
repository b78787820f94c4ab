import { expect, test } from 'vitest'
import { goodHeaders } from '../../test/raw-peer.ts'
import { acceptKey } from './accept-key.ts'
import { formatAcceptance, formatRefusal, judgeRequest, type UpgradeRefusal, type UpgradeRequest } from './request.ts'

// RFC 6455 §4.2: the opening handshake, as a server reads it.

function request(changes: Record<string, string | undefined> = {}, rest: Partial<UpgradeRequest> = {}): UpgradeRequest {
  const headers = Object.entries({ ...goodHeaders, ...changes }).map(([name, value]) => [name.toLowerCase(), value])
  return { method: 'GET', url: '/', httpVersion: '1.1', headers: Object.fromEntries(headers), ...rest }
}

const judge = (given: UpgradeRequest, origins?: readonly string[], subprotocols: readonly string[] = ['stt.v1']) =>
  judgeRequest(given, { origins, subprotocols })

const refuse = (given: UpgradeRequest, origins?: readonly string[]): UpgradeRefusal | undefined => {
  const judged = judge(given, origins)
  return typeof judged === 'string' ? undefined : judged
}

const status = (changes: Record<string, string | undefined>, rest?: Partial<UpgradeRequest>) =>
  refuse(request(changes, rest))?.status

test('the example of §1.3 is accepted, with the answer the RFC gives', () => {
  expect(judge(request())).toBe('stt.v1')
  expect(acceptKey('dGhlIHNhbXBsZSBub25jZQ==')).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=')
  expect(formatAcceptance(request(), 'stt.v1')).toBe(
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: stt.v1\r\n\r\n',
  )
})

test.each([
  ['another method', {}, { method: 'POST' }, 405],
  ['no method', {}, { method: undefined }, 405],
  ['HTTP/1.0', {}, { httpVersion: '1.0' }, 400],
  ['no Host', { Host: undefined }, {}, 400],
  ['no Upgrade', { Upgrade: undefined }, {}, 426],
  ['another Upgrade', { Upgrade: 'h2c' }, {}, 426],
  ['several Upgrades', { Upgrade: 'websocket, h2c' }, {}, 426],
  ['no Connection', { Connection: undefined }, {}, 400],
  ['Connection without Upgrade', { Connection: 'keep-alive' }, {}, 400],
  ['Connection with a longer word', { Connection: 'upgraded' }, {}, 400],
  ['a body by length', { 'Content-Length': '5' }, {}, 400],
  ['a body in chunks', { 'Transfer-Encoding': 'chunked' }, {}, 400],
  ['no version', { 'Sec-WebSocket-Version': undefined }, {}, 426],
  ['version 8', { 'Sec-WebSocket-Version': '8' }, {}, 426],
  ['two versions', { 'Sec-WebSocket-Version': '13, 8' }, {}, 426],
])('spec: STT-WS-1: %s', (_name, changes, rest, expected) => {
  expect(status(changes, rest)).toBe(expected)
})

test.each([
  undefined,
  '',
  'short',
  'dGhlIHNhbXBsZSBub25jZQ', // no padding
  'dGhlIHNhbXBsZSBub25jZR==', // bits beyond the 16th byte
  'dGhlIHNhbXBsZSBub25jZSE=', // 17 bytes
  'dGhlIHNhbXBsZSBub25jZQ==, dGhlIHNhbXBsZSBub25jZQ==',
  'dGhlIHNhbXBsZSBub25j_Q==',
])('spec: STT-WS-1: key %s', key => {
  expect(status({ 'Sec-WebSocket-Key': key })).toBe(400)
})

test('names are compared whatever their case, and lists may hold more', () => {
  expect(status({ Upgrade: 'WEBSOCKET', Connection: 'foo,UPGRADE ,bar' })).toBeUndefined()
  expect(status({ 'Content-Length': '0' })).toBeUndefined()
})

test.each([undefined, '', 'stt.v2', 'STT.V1', 'stt.v1x', 'chat superchat'])(
  'spec: STT-WS-2: subprotocol %s',
  protocol => {
    expect(status({ 'Sec-WebSocket-Protocol': protocol })).toBe(400)
  },
)

test('spec: STT-WS-4: an offered extension is not answered', () => {
  const offered = request({ 'Sec-WebSocket-Extensions': 'permessage-deflate' })
  expect(refuse(offered)).toBeUndefined()
  expect(formatAcceptance(offered, 'stt.v1').toLowerCase()).not.toContain('extensions')
})

test('spec: STT-WS-21: only listed origins, exactly; programs send none', () => {
  const origins = ['https://example.org']
  const judged = (origin?: string) => refuse(request({ Origin: origin }), origins)?.status
  expect(judged('https://example.org')).toBeUndefined()
  expect(judged()).toBeUndefined()
  for (const origin of ['https://example.org.evil', 'http://example.org', 'https://example.org:444', 'null', '']) {
    expect(judged(origin)).toBe(403)
  }
  expect(refuse(request({ Origin: 'https://anywhere.example' }))).toBeUndefined()
})

test('spec: STT-WS-5: a refusal says why and ends the connection', () => {
  expect(formatRefusal(refuse(request({ 'Sec-WebSocket-Version': '8' }))!)).toBe(
    'HTTP/1.1 426 Upgrade Required\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: 33\r\n' +
      'Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\nSec-WebSocket-Version must be 13\n',
  )
})

test('spec: STT-WS-2: of several subprotocols the first of the server’s own is agreed, and answered', () => {
  const offered = request({ 'Sec-WebSocket-Protocol': 'stt-relay.v1, stt.v1' })
  expect(judge(offered, undefined, ['stt.v1', 'stt-relay.v1'])).toBe('stt.v1')
  expect(judge(offered, undefined, ['stt-relay.v1'])).toBe('stt-relay.v1')
  expect(formatAcceptance(offered, 'stt-relay.v1')).toContain('Sec-WebSocket-Protocol: stt-relay.v1\r\n')
  expect(judge(offered, undefined, ['other'])).toMatchObject({ status: 400 })
})
