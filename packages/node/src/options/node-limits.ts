import { checkInteger, checkOptions } from '@stt/errors'
import { MAX_MESSAGE_SIZE, type TransportLimits } from '@stt/frame'
import type { LoadLimits } from '@stt/handshake'
import { firstStreamWindow } from '@stt/stream'

/** Limits on peers, and on waiting. The number in each description is the default. */
export interface NodeLimits {
  /** Milliseconds that a handshake may take: 10 s. */
  readonly handshakeTimeout: number
  /** Handshakes that may be under way at once, on each side: 4,096. */
  readonly pendingHandshakes: number
  /** Handshakes a second from UDP addresses, above which an address must prove itself first: 200. */
  readonly handshakesPerSecond: number
  /** Handshakes a second from one address prefix (IPv4 /24, IPv6 /56): 20. Three seconds' worth may come at once. */
  readonly handshakesPerPrefix: number
  /** WebSockets whose handshake waits because their prefix exceeds `handshakesPerPrefix`: 256. Each waits for at most `ws.limits.proofTimeout`. */
  readonly waitingHandshakes: number
  /** Sessions at once: 10,000. */
  readonly sessions: number
  /**
   * Sessions at once that one node id opened: 16. A further one replaces the session that has been silent longest, if that is
   * 20 s or it has no link.
   */
  readonly sessionsPerPeer: number
  /** Sessions at once that were opened from one address prefix (IPv4 /24, IPv6 /56): 1,024. */
  readonly sessionsPerPrefix: number
  /** Streams that a peer may have open, of each kind: 128, at most 16,384. */
  readonly streams: number
  /**
   * Bytes that a peer may send on a stream ahead of reading: 256 KiB, growing by demand. Until it is read for the first time a
   * stream takes 16 KiB, or less where `sessionWindow` is small for that many `streams`.
   */
  readonly streamWindow: number
  /** Bytes that a peer may send on all streams together ahead of reading: 8 MiB, growing by demand. */
  readonly sessionWindow: number
  /** Bytes to which the window of a stream may grow: 16 MiB. */
  readonly maxStreamWindow: number
  /** Bytes to which the window of a session may grow: 64 MiB. */
  readonly maxSessionWindow: number
  /** Unacknowledged bytes that a stream keeps, whatever credit the peer gives: 16 MiB. */
  readonly maxStreamSend: number
  /** Unacknowledged bytes that all streams of a session keep together: 64 MiB. */
  readonly maxSessionSend: number
  /** Gaps between the bytes that arrived on a stream: 1,024. More gaps end the session. */
  readonly maxGaps: number
  /** Gaps on all streams of a session together: 16,384. More gaps end the session. */
  readonly maxSessionGaps: number
  /** Messages larger than their stream's window that a session receives at once: 8. Further ones wait in their streams. */
  readonly maxPartialMessages: number
  /**
   * Bytes that all sessions together may hold, unread, unacknowledged or remembered: 512 MiB. Above three quarters of it no
   * window grows and each session keeps at most 256 KiB unacknowledged; above it no session begins; an eighth above it the
   * node ends the session that holds most.
   */
  readonly memory: number
  /** Bytes of a message that a peer may send: 2 MiB, which is also the maximum. */
  readonly maxMessage: number
  /** Bytes of a datagram that a peer may send: 65,535. */
  readonly maxDatagram: number
  /** Datagrams that may wait to be sent: 256. */
  readonly datagramQueue: number
  /** Milliseconds of silence after which a session ends: 30 s. The smaller value of both sides applies. */
  readonly idleTimeout: number
  /**
   * Milliseconds for which a session without a link is kept while a new one is opened: `idleTimeout` by default. With 0 the session
   * ends with its link. The time of `paths.detached` is added.
   */
  readonly detachedTimeout: number
  /** Milliseconds that `close` waits for what was written to arrive: 5 s. */
  readonly closeDeadline: number
  /** Milliseconds without a frame or a call after which a stream ends: 0, which means never. */
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

/** The limits that this node announces to its peers. */
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
