import { fileURLToPath } from 'node:url'
import { readSchema } from './cddl.ts'

interface QlogHeader {
  readonly qlog_version: string
  readonly trace: { readonly common_fields: { readonly group_id: string; readonly reference_time: number } }
}

export interface QlogEvent {
  readonly time: number
  readonly name: string
  readonly data: Readonly<Record<string, unknown>>
}

/**
 * Reads JSON text sequences (RFC 7464), each of whose records begins with RS and ends with a line feed, and checks each by the
 * published schema.
 *
 * @throws what is wrong
 */
export function readQlog(text: string): { header: QlogHeader; events: readonly QlogEvent[] } {
  const records = text.split('\x1e')
  if (records.shift() !== '') throw new Error('a text sequence begins with RS')
  const [first, ...rest] = records.map(record => {
    if (!record.endsWith('\n')) throw new Error(`a record ends with a line feed: ${record}`)
    return JSON.parse(record) as unknown
  })
  const header = checked(first, 'QlogFileSeq', 'the header') as QlogHeader
  if (header.qlog_version !== '0.3') throw new Error('the schema is that of version 0.3')
  let time = 0
  const events = rest.map((value, i) => {
    const event = checked(value, 'Event', `event ${i}`) as QlogEvent
    if (event.time < time) throw new Error(`event ${i} is before the one before it`)
    time = event.time
    const rule = EVENTS[event.name]
    if (rule) checked(event.data, rule, `event ${i}, ${event.name}`)
    // A program may have events of its own, of a category that no schema has.
    else if (!event.name.startsWith('stt:')) throw new Error(`${event.name} is no event of the schema`)
    return event
  })
  return { header, events }
}

const validate = readSchema(fileURLToPath(new URL('./qlog-0.3.cddl', import.meta.url)))

function checked(value: unknown, rule: string, what: string): unknown {
  const refusal = validate(value, rule)
  if (refusal !== undefined) throw new Error(`${what}: ${refusal}`)
  return value
}

/** The rule for an event's data: the headings of the schema's document say the names. */
const EVENTS: Readonly<Record<string, string>> = {
  'connectivity:connection_started': 'ConnectivityConnectionStarted',
  'connectivity:connection_closed': 'ConnectivityConnectionClosed',
  'security:key_updated': 'SecurityKeyUpdated',
  'transport:packet_sent': 'TransportPacketSent',
  'transport:packet_received': 'TransportPacketReceived',
  'transport:packet_dropped': 'TransportPacketDropped',
  'transport:packets_acked': 'TransportPacketsAcked',
  'recovery:metrics_updated': 'RecoveryMetricsUpdated',
  'recovery:packet_lost': 'TransportPacketLost',
}
