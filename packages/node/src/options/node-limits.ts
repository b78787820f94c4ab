import { checkInteger, checkOptions } from '@stt/errors'
import { MAX_MESSAGE_SIZE, type TransportLimits } from '@stt/frame'
import type { LoadLimits } from '@stt/handshake'
import { firstStreamWindow } from '@stt/stream'

/** What a node lets its peers do and how long it waits. Everything has a default. */
export interface NodeLimits {
  /** Milliseconds that a handshake may take: 10 s. */
  readonly handshakeTimeout: number
  /** Handshakes that may be under way at once, on each side: 4,096. */
  readonly pendingHandshakes: number
  /** Handshakes a second from UDP addresses that have not proved themselves, before they have to: 200. */
  readonly handshakesPerSecond: number
  /** Handshakes a second from one address prefix (IPv4 /24, IPv6 /56), of which it may save up three seconds': 20. */
  readonly handshakesPerPrefix: number
  /** WebSockets whose handshake waits, for at most `ws.limits.proofTimeout`, because their prefix is over that: 256. */
  readonly waitingHandshakes: number
  /** Sessions at once: 10,000. */
  readonly sessions: number
  /**
   * Sessions at once that one node id opened: 16. One more takes the place of that which has been silent longest, for 20 s at
   * least or without a link.
   */
  readonly sessionsPerPeer: number
  /** Sessions at once that were opened from one address prefix (IPv4 /24, IPv6 /56): 1,024. */
  readonly sessionsPerPrefix: number
  /** Streams that a peer may have open, of each kind: 128, at most 16,384. */
  readonly streams: number
  /**
   * Bytes that a peer may send on a stream before more of them are read: 256 KiB, which grow by demand. A stream that
   * nobody has read takes 16 KiB, or less where `sessionWindow` is small for that many `streams`.
   */
  readonly streamWindow: number
  /** Bytes that a peer may send on all streams together before more of them are read: 8 MiB, which grow by demand. */
  readonly sessionWindow: number
  /** Bytes that the window of a stream may grow to: 16 MiB. */
  readonly maxStreamWindow: number
  /** Bytes that the window of a session may grow to: 64 MiB. */
  readonly maxSessionWindow: number
  /** Bytes that a stream keeps until the peer acknowledges them, whatever credit it gives: 16 MiB. */
  readonly maxStreamSend: number
  /** The same for all streams of a session: 64 MiB. */
  readonly maxSessionSend: number
  /** Gaps between the bytes that arrived on a stream: 1,024. More end the session. */
  readonly maxGaps: number
  /** The same on all streams of a session: 16,384. */
  readonly maxSessionGaps: number
  /** Messages larger than their stream's window that are taken at once in a session: 8. Further ones wait in their streams. */
  readonly maxPartialMessages: number
  /**
   * Bytes that all sessions may hold, unread, unacknowledged or remembered: 512 MiB. From three quarters on no window
   * grows, and 256 KiB at most wait on a session for the peer's acknowledgement; above it no session begins; an eighth
   * above it the session that holds most is ended.
   */
  readonly memory: number
  /** Bytes of a message: 2 MiB, which is the most. */
  readonly maxMessage: number
  /** Bytes of a datagram that a peer may send: 65,535. */
  readonly maxDatagram: number
  /** Datagrams that may wait to be sent: 256. */
  readonly datagramQueue: number
  /** Milliseconds of silence that end a session: 30 s. The smaller of both sides' counts. */
  readonly idleTimeout: number
  /**
   * Milliseconds that a session whose last link broke is kept while another is opened: as long as a silent one. With 0 it
   * ends with its link. What `paths.detached` allows is added.
   */
  readonly detachedTimeout: number
  /** Milliseconds that `close` waits for what was written to arrive: 5 s. */
  readonly closeDeadline: number
  /** Milliseconds without a frame or a call that end a stream; 0: never. */
  readonly streamIdle: number
}

/**
 * The limits of a node, each checked against its own range.
 *
 * @throws SttError `STT_INVALID_ARGUMENT` that names the limit
 */
export function resolveLimits(given: Partial<NodeLimits> = {}): NodeLimits {
  checkOptions(given, 'limits', Object.keys(RANGES))
  const limits: Record<keyof NodeLimits, number> = { ...DEFAULTS }
  for (const name of Object.keys(RANGES) as (keyof NodeLimits)[]) {
    const value = given[name]
    if (value === undefined) continue
    checkInteger(value, `limits.${name}`, ...RANGES[name])
    limits[name] = value
  }
  limits.detachedTimeout = given.detachedTimeout ?? limits.idleTimeout
  // A start above what it may grow to is meant: it does not grow then.
  limits.maxStreamWindow = Math.max(limits.maxStreamWindow, limits.streamWindow)
  limits.maxSessionWindow = Math.max(limits.maxSessionWindow, limits.sessionWindow)
  return limits
}

/** What this node tells its peers that they may do. */
export const transportLimits = (limits: NodeLimits): TransportLimits => ({
  idleTimeout: limits.idleTimeout,
  maxData: limits.sessionWindow,
  maxStreamData: firstStreamWindow({ ...limits, streams: 2 * limits.streams }),
  maxDatagram: limits.maxDatagram,
  maxMessage: limits.maxMessage,
  maxStreamsBidi: limits.streams,
  maxStreamsUni: limits.streams,
})

/** How much of a listener strangers may use. */
export const loadLimits = (limits: NodeLimits): LoadLimits => ({
  pending: limits.pendingHandshakes,
  hellos: { rate: limits.handshakesPerSecond, burst: limits.handshakesPerSecond },
  prefix: { rate: limits.handshakesPerPrefix, burst: 3 * limits.handshakesPerPrefix },
  waiting: limits.waitingHandshakes,
})

const KIB = 1024
const MIB = 1024 * KIB
/** Milliseconds: a day. */
const LONGEST = 86_400_000
/** Of things that are counted. */
const MANY = 10_000_000

const DEFAULTS: NodeLimits = {
  handshakeTimeout: 10_000,
  pendingHandshakes: 4_096,
  handshakesPerSecond: 200,
  handshakesPerPrefix: 20,
  waitingHandshakes: 256,
  sessions: 10_000,
  sessionsPerPeer: 16,
  sessionsPerPrefix: 1_024,
  streams: 128,
  streamWindow: 256 * KIB,
  sessionWindow: 8 * MIB,
  maxStreamWindow: 16 * MIB,
  maxSessionWindow: 64 * MIB,
  maxStreamSend: 16 * MIB,
  maxSessionSend: 64 * MIB,
  maxGaps: 1_024,
  maxSessionGaps: 16_384,
  maxPartialMessages: 8,
  memory: 512 * MIB,
  maxMessage: 2 * MIB,
  maxDatagram: 65_535,
  datagramQueue: 256,
  idleTimeout: 30_000,
  detachedTimeout: 30_000,
  closeDeadline: 5_000,
  streamIdle: 0,
}

/** The least and the most of each. What is 0 for "none" or "never" may be 0, nothing else. */
const RANGES: Readonly<Record<keyof NodeLimits, readonly [min: number, max: number]>> = {
  handshakeTimeout: [1, LONGEST],
  pendingHandshakes: [1, MANY],
  handshakesPerSecond: [1, MANY],
  handshakesPerPrefix: [1, MANY],
  waitingHandshakes: [0, MANY],
  sessions: [1, MANY],
  sessionsPerPeer: [1, MANY],
  sessionsPerPrefix: [1, MANY],
  streams: [0, 16_384],
  streamWindow: [1, 2 ** 40],
  sessionWindow: [1, 2 ** 40],
  maxStreamWindow: [1, 2 ** 40],
  maxSessionWindow: [1, 2 ** 40],
  maxStreamSend: [1, 2 ** 40],
  maxSessionSend: [1, 2 ** 40],
  maxGaps: [1, MANY],
  maxSessionGaps: [1, MANY],
  maxPartialMessages: [1, MANY],
  memory: [MIB, 2 ** 50],
  maxMessage: [0, MAX_MESSAGE_SIZE],
  maxDatagram: [0, 65_535],
  datagramQueue: [1, MANY],
  idleTimeout: [1_000, LONGEST],
  detachedTimeout: [0, LONGEST],
  closeDeadline: [0, LONGEST],
  streamIdle: [0, LONGEST],
}
