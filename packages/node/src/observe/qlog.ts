import { toHex } from '@stt/crypto'
import { describe, printable } from '@stt/errors'
import type { CloseReason, PacketObserver } from '@stt/session'
import type { ObservedSession } from './observer.ts'

/** The session that a qlog is opened for. */
export interface QlogSession {
  /** Session id in hex, the same at both ends: a name for the file. */
  readonly id: string
  /** `client` on the side that dialed, otherwise `server`. */
  readonly role: 'client' | 'server'
  /** Node id of the peer in hex. */
  readonly peer: string
  /** Address of the peer: `udp://…`, `ws://…`. */
  readonly address: string
}

/** Takes a qlog: a `WriteStream` is one. */
export interface QlogSink {
  /** Takes the next piece of the log. An error that it throws ends the log. */
  write(text: string): unknown
  /** Called after the last event. */
  end?(): unknown
  /** Bytes or characters that wait to be written. Above 16 MiB events are dropped, and the log counts them. */
  readonly writableLength?: number
}

/** Called for each session; the session has no log when it returns `undefined`. */
export type QlogOption = (session: QlogSession) => QlogSink | undefined

/** Writes the qlog of one session. */
export interface QlogWriter {
  /** Receives an event for each packet. */
  readonly packets: PacketObserver
  onPacketDropped(reason: string, size: number, now: number): void
  onEpoch(epoch: number, now: number): void
  onPath(from: string, to: string, now: number): void
  onEnded(reason: CloseReason, now: number): void
}

/**
 * A session's qlog as JSON text sequences (RFC 7464): version 0.3, which is what qvis opens, with the names of QUIC's
 * events (draft-ietf-quic-qlog-main-schema-02, draft-ietf-quic-qlog-quic-events-02). Numbers, sizes and times are
 * in it, and neither frames nor keys.
 *
 * @param warn told once when the sink fails: nothing more is written then
 */
export function createQlog(
  option: QlogOption,
  observed: ObservedSession,
  now: number,
  warn: (error: unknown) => void,
): QlogWriter | undefined {
  const { role, address } = observed
  const id = toHex(observed.id)
  const side = role === 'initiator' ? 'client' : 'server'
  const peer = toHex(observed.peerId)
  let sink: QlogSink | undefined
  let leftOut = 0
  let isFailed = false
  const fail = (error: unknown): void => {
    sink = undefined
    if (!isFailed) warn(error)
    isFailed = true
  }
  const guarded = (act: () => void): void => {
    try {
      act()
    } catch (error) {
      fail(error)
    }
  }
  guarded(() => {
    sink = checkedSink(option(Object.freeze({ id, role: side, peer, address })), fail)
  })
  if (!sink) return undefined

  const record = (value: unknown): void => guarded(() => void sink?.write(`\x1e${JSON.stringify(value)}\n`))
  const event = (name: string, data: object, at: number): void => {
    if ((sink?.writableLength ?? 0) > MOST_WAITING) {
      leftOut++
      return
    }
    if (leftOut > 0) record({ time: timeOf(at), name: 'stt:events_left_out', data: { count: leftOut } })
    leftOut = 0
    record({ time: timeOf(at), name, data })
  }
  const timeOf = (at: number): number => Math.round((at - now) * 1_000) / 1_000
  const metrics = (at: number): void => {
    const { rtt, minRtt, congestionWindow, bytesInFlight, packetsInFlight } = observed.metrics()
    event(
      'recovery:metrics_updated',
      {
        smoothed_rtt: rtt,
        min_rtt: minRtt,
        congestion_window: congestionWindow && Math.round(congestionWindow),
        bytes_in_flight: bytesInFlight,
        packets_in_flight: packetsInFlight,
      },
      at,
    )
  }
  record({
    qlog_version: '0.3',
    qlog_format: 'JSON-SEQ',
    title: `STT session ${id}`,
    trace: {
      vantage_point: { name: 'stt', type: side },
      common_fields: { group_id: id, protocol_type: ['STT'], time_format: 'relative', reference_time: Date.now() },
    },
  })
  const remote = new URL(address.replace(/^udp:/, 'ws:'))
  event(
    'connectivity:connection_started',
    {
      src_ip: 'unknown',
      dst_ip: remote.hostname.replace(/^\[|\]$/g, ''),
      protocol: 'STT',
      dst_port: Number(remote.port) || (remote.protocol === 'wss:' ? 443 : 80),
      src_cid: toHex(observed.localCid),
      dst_cid: toHex(observed.remoteCid),
    },
    now,
  )
  return {
    packets: {
      onPacketSent: (number, size, at) => event('transport:packet_sent', packetOf(number, size), at),
      onPacketReceived: (number, size, at) => event('transport:packet_received', packetOf(number, size), at),
      onPacketsAcknowledged(packets, at) {
        const numbers = packets.map(({ packetNumber }) => packetNumber)
        event('transport:packets_acked', { packet_number_space: 'application_data', packet_numbers: numbers }, at)
        metrics(at)
      },
      onPacketLost: (number, at) => event('recovery:packet_lost', { header: headerOf(number) }, at),
    },
    onPacketDropped(reason, size, at) {
      event('transport:packet_dropped', { raw: { length: size }, trigger: TRIGGERS[reason] }, at)
    },
    onEpoch(generation, at) {
      for (const key_type of ['client_1rtt_secret', 'server_1rtt_secret']) {
        // The schema has a place for the key; ours stays where it is.
        event('security:key_updated', { key_type, new: '', generation }, at)
      }
    },
    onPath: (from, to, at) => event('stt:path_changed', { from, to }, at),
    onEnded(reason, at) {
      event('connectivity:connection_closed', closeOf(reason), at)
      guarded(() => void sink?.end?.())
      sink = undefined
    },
  }
}

/** Who is told of what fails behind a write of a stream: a full disk is an `error` event, and this is the only listener. */
function checkedSink(sink: unknown, onError: (error: unknown) => void): QlogSink | undefined {
  if (sink === undefined || sink === null) return undefined
  const { write, on, then } = sink as Partial<Record<'write' | 'on' | 'then', unknown>>
  if (typeof then === 'function') then.call(sink, undefined, () => {})
  if (typeof write !== 'function')
    throw new TypeError(`qlog has to give a sink with write, or undefined, not ${describe(sink)}`)
  if (typeof on === 'function') on.call(sink, 'error', onError)
  return sink as QlogSink
}

const headerOf = (packet_number: number): object => ({ packet_type: '1RTT', packet_number })
const packetOf = (number: number, length: number): object => ({
  header: headerOf(number),
  raw: { length },
  frames: [],
})

function closeOf({ by, app, code, reason, error }: CloseReason): object {
  const isClean = error.code === 'STT_CLOSED'
  const trigger = by === 'silence' ? 'idle_timeout' : by === 'reset' ? 'stateless_reset' : isClean ? 'clean' : 'error'
  return {
    owner: by === 'peer' || by === 'reset' ? 'remote' : 'local',
    ...(code < 2 ** 32 && { [app ? 'application_code' : 'connection_code']: code }),
    reason: reason === '' ? error.code : printable(reason),
    trigger,
  }
}

const TRIGGERS: Readonly<Record<string, string>> = {
  malformed: 'header_parse_error',
  duplicate: 'duplicate',
  epoch: 'key_unavailable',
  tag: 'payload_decrypt_error',
  closed: 'unexpected_packet',
}
/** Characters that a sink may keep waiting. */
const MOST_WAITING = 16 * 1024 * 1024
