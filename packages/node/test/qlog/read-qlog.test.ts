import { expect, test } from 'vitest'
import { readQlog } from './read-qlog.ts'

const HEADER = { qlog_version: '0.3', qlog_format: 'JSON-SEQ', trace: {} }
const SENT = { header: { packet_type: '1RTT', packet_number: 1 }, raw: { length: 40 } }
const qlog = (...records: unknown[]): string => records.map(record => `\x1e${JSON.stringify(record)}\n`).join('')
const event = (name: string, data: unknown, time: unknown = 1): unknown => ({ time, name, data })

test('the reader takes a log that keeps to the schema', () => {
  const { events } = readQlog(qlog(HEADER, event('transport:packet_sent', SENT), event('stt:own', { any: [1] })))
  expect(events.map(({ name }) => name)).toEqual(['transport:packet_sent', 'stt:own'])
})

// A schema that takes everything would show nothing of the logs that it is asked about.
test.each([
  ['another format', [{ ...HEADER, qlog_format: 'JSON' }]],
  ['another version', [{ ...HEADER, qlog_version: '0.4' }]],
  ['a header without a trace', [{ qlog_version: '0.3', qlog_format: 'JSON-SEQ' }]],
  ['a field that no header has', [{ ...HEADER, file_schema: 'x' }]],
  ['a vantage point of no known side', [{ ...HEADER, trace: { vantage_point: { type: 'responder' } } }]],
  ['an empty list of protocols', [{ ...HEADER, trace: { common_fields: { protocol_type: [] } } }]],
  ['an event without a time', [HEADER, { name: 'stt:own', data: {} }]],
  ['a time that is a text', [HEADER, event('stt:own', {}, '1')]],
  ['an event before the one before it', [HEADER, event('stt:own', {}, 2), event('stt:own', {}, 1)]],
  ['data that is no map', [HEADER, event('stt:own', [])]],
  ['an unknown event', [HEADER, event('transport:packet_eaten', {})]],
  ['a packet without a header', [HEADER, event('transport:packet_sent', {})]],
  ['a header without a number', [HEADER, event('transport:packet_sent', { header: { packet_type: '1RTT' } })]],
  ['a size below zero', [HEADER, event('transport:packet_sent', { ...SENT, raw: { length: -1 } })]],
  ['a field that no packet has', [HEADER, event('transport:packet_sent', { ...SENT, packet_size: 40 })]],
  ['a reason to drop that is none', [HEADER, event('transport:packet_dropped', { trigger: 'tag' })]],
  ['no acknowledged packet', [HEADER, event('transport:packets_acked', { packet_numbers: [] })]],
  ['a key that is no hex', [HEADER, event('security:key_updated', { key_type: 'client_1rtt_secret', new: 'XY' })]],
  ['a count above its 16 bits', [HEADER, event('recovery:metrics_updated', { pto_count: 65_536 })]],
])('the reader refuses %s', (_, records) => {
  expect(() => readQlog(qlog(...records))).toThrow()
})
