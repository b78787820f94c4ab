/**
 * The part of qlog 0.3 that a session's log uses, as checks: draft-ietf-quic-qlog-main-schema-02 (QlogFileSeq, TraceSeq,
 * VantagePoint, CommonFields, Event) and draft-ietf-quic-qlog-quic-events-02 (the events by name), whose CDDL is written
 * beside each. Every name that the schema does not have is refused, but in events, which may have names of their own.
 */
interface QlogHeader {
  readonly trace: { readonly common_fields: { readonly group_id: string; readonly reference_time: number } }
}

export interface QlogEvent {
  readonly time: number
  readonly name: string
  readonly data: Readonly<Record<string, unknown>>
}

type Check = (value: unknown, at: string) => void

/** Reads JSON text sequences (RFC 7464): each record begins with RS and ends with a line feed. @throws what is wrong */
export function readQlog(text: string): { header: QlogHeader; events: readonly QlogEvent[] } {
  const records = text.split('\x1e')
  if (records.shift() !== '') throw new Error('a text sequence begins with RS')
  const [header, ...events] = records.map(record => {
    if (!record.endsWith('\n')) throw new Error(`a record ends with a line feed: ${record}`)
    return JSON.parse(record) as unknown
  })
  file(header, 'header')
  let time = 0
  for (const [i, each] of events.entries()) {
    event(each, `event ${i}`)
    const { name, data, time: at } = each as QlogEvent
    if (at < time) throw new Error(`event ${i} is before the one before it`)
    time = at
    const known = EVENTS[name]
    // ProtocolEventBody is any map: names of no other schema are the program's own.
    if (known) known(data, `event ${i}, ${name}`)
    else if (!name.startsWith('stt:')) throw new Error(`${name} is no event of the schema`)
  }
  return { header: header as QlogHeader, events: events as QlogEvent[] }
}

const fail = (at: string, expected: string, value: unknown): never => {
  throw new Error(`${at} is ${JSON.stringify(value)}, not ${expected}`)
}
const text: Check = (value, at) => typeof value === 'string' || fail(at, 'a text', value)
const number: Check = (value, at) => (typeof value === 'number' && Number.isFinite(value)) || fail(at, 'a float', value)
const uint =
  (bits: number): Check =>
  (value, at) =>
    (Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** bits) ||
    fail(at, `uint${bits}`, value)
const hexstring: Check = (value, at) =>
  (typeof value === 'string' && /^([0-9a-f]{2})*$/.test(value)) || fail(at, 'hex', value)
const oneOf =
  (...values: readonly string[]): Check =>
  (value, at) =>
    values.includes(value as string) || fail(at, `one of ${values}`, value)
const list =
  (check: Check, least = 0): Check =>
  (value, at) => {
    if (!Array.isArray(value) || value.length < least) return fail(at, `a list of at least ${least}`, value)
    for (const [i, each] of value.entries()) check(each, `${at}[${i}]`)
  }
/** `{ name: check }`; a name that ends with `?` may be left out. */
const map =
  (fields: Readonly<Record<string, Check>>, isOpen = false): Check =>
  (value, at) => {
    if (typeof value !== 'object' || value === null) return fail(at, 'a map', value)
    const given = new Map(Object.entries(value))
    for (const [field, check] of Object.entries(fields)) {
      const name = field.replace('?', '')
      if (given.has(name)) check(given.get(name), `${at}.${name}`)
      else if (!field.endsWith('?')) fail(`${at}.${name}`, 'there', undefined)
      given.delete(name)
    }
    if (!isOpen && given.size > 0) fail(at, `a map without ${[...given.keys()]}`, value)
  }
const exactly = (expected: string): Check => oneOf(expected)

const side = oneOf('client', 'server', 'network', 'unknown')
// TraceSeq = { ? title, ? description, ? configuration, ? common_fields, ? vantage_point }
const trace = map({
  'title?': text,
  'description?': text,
  'vantage_point?': map({ 'name?': text, type: side, 'flow?': side }),
  // CommonFields = { ? time_format, ? reference_time, ? protocol_type, ? group_id, * text => any }
  'common_fields?': map(
    {
      'time_format?': oneOf('absolute', 'delta', 'relative'),
      'reference_time?': number,
      'protocol_type?': list(text, 1),
      'group_id?': text,
    },
    true,
  ),
})
// QlogFileSeq = { qlog_format: "JSON-SEQ", qlog_version: text, ? title, ? description, ? summary, trace: TraceSeq }
const file = map({
  qlog_format: exactly('JSON-SEQ'),
  qlog_version: exactly('0.3'),
  'title?': text,
  'description?': text,
  trace,
})
// Event = { time: float64, name: text, data: $ProtocolEventBody, ? time_format, ? protocol_type, ? group_id, * text => any }
const event = map({ time: number, name: text, data: map({}, true) }, true)

const packetType = oneOf(
  'initial',
  'handshake',
  '0RTT',
  '1RTT',
  'retry',
  'version_negotiation',
  'stateless_reset',
  'unknown',
)
// PacketHeader = { packet_type, ? packet_number: uint64, ? flags, ? token, ? length, ? version, ? scil, ? dcil, ? scid, ? dcid }
const header = map({ packet_type: packetType, 'packet_number?': uint(64), 'scid?': hexstring, 'dcid?': hexstring })
// RawInfo = { ? length: uint64, ? payload_length: uint64, ? data: hexstring }
const raw = map({ 'length?': uint(64), 'payload_length?': uint(64), 'data?': hexstring })
const packet = map({ header, 'raw?': raw, 'frames?': list(map({}, true)) })

const EVENTS: Readonly<Record<string, Check>> = {
  'connectivity:connection_started': map({
    'ip_version?': oneOf('v4', 'v6'),
    src_ip: text,
    dst_ip: text,
    'protocol?': text,
    'src_port?': uint(16),
    'dst_port?': uint(16),
    'src_cid?': hexstring,
    'dst_cid?': hexstring,
  }),
  'connectivity:connection_closed': map({
    'owner?': oneOf('local', 'remote'),
    'connection_code?': uint(32),
    'application_code?': uint(32),
    'internal_code?': uint(32),
    'reason?': text,
    'trigger?': oneOf('clean', 'handshake_timeout', 'idle_timeout', 'error', 'stateless_reset', 'version_mismatch', 'application'), // biome-ignore format: one line
  }),
  'transport:packet_sent': packet,
  'transport:packet_received': packet,
  'transport:packet_dropped': map({
    'header?': header,
    'raw?': raw,
    'trigger?': oneOf('key_unavailable', 'unknown_connection_id', 'header_parse_error', 'payload_decrypt_error', 'protocol_violation', 'dos_prevention', 'unsupported_version', 'unexpected_packet', 'unexpected_source_connection_id', 'unexpected_version', 'duplicate', 'invalid_initial'), // biome-ignore format: one line
  }),
  'transport:packets_acked': map({
    'packet_number_space?': oneOf('initial', 'handshake', 'application_data'),
    'packet_numbers?': list(uint(64), 1),
  }),
  'security:key_updated': map({
    key_type: oneOf('client_1rtt_secret', 'server_1rtt_secret'),
    'old?': exactly(''),
    // A hexstring in the schema: here never one with anything in it.
    new: exactly(''),
    'generation?': uint(32),
    'trigger?': oneOf('tls', 'remote_update', 'local_update'),
  }),
  'recovery:metrics_updated': map({
    'min_rtt?': number,
    'smoothed_rtt?': number,
    'latest_rtt?': number,
    'rtt_variance?': number,
    'pto_count?': uint(16),
    'congestion_window?': uint(64),
    'bytes_in_flight?': uint(64),
    'ssthresh?': uint(64),
    'packets_in_flight?': uint(64),
    'pacing_rate?': uint(64),
  }),
  'recovery:packet_lost': map({
    'header?': header,
    'frames?': list(map({}, true)),
    'trigger?': oneOf('reordering_threshold', 'time_threshold', 'pto_expired'),
  }),
}
