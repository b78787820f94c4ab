import type { CryptoProvider, Identity, Seed } from '@stt/crypto'
import { SttError } from '@stt/errors'
import type { TransportLimits } from '@stt/frame'
import type { LoadLimits, Peers } from '@stt/handshake'
import type { Value } from '@stt/serialize'
import { firstStreamWindow } from '@stt/stream'
import type { Authorize } from './admission.ts'

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
  /** Sessions at once that one node id opened: 16. */
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
  /** Bytes that those windows may grow to: 16 MiB, 64 MiB. */
  readonly maxStreamWindow: number
  readonly maxSessionWindow: number
  /** Bytes of a message: 2 MiB. */
  readonly maxMessage: number
  /** Bytes of a datagram that a peer may send. */
  readonly maxDatagram: number
  /** Datagrams that may wait to be sent: 256. */
  readonly datagramQueue: number
  /** Milliseconds of silence that end a session: 30 s. The smaller of both sides' counts. */
  readonly idleTimeout: number
  /**
   * Milliseconds that a session without a link is kept, where another can take its place: as long as a silent one. Over
   * WebSocket none can, and the session ends with its connection.
   */
  readonly detachedTimeout: number
  /** Milliseconds that `close` waits for what was written to arrive: 5 s. */
  readonly closeDeadline: number
  /** Milliseconds without a frame or a call that end a stream; 0: never. */
  readonly streamIdle: number
}

/** What a node is made from on every platform. */
export interface CommonOptions {
  /** What both ends hold. `seeds` in its place is for rolling it: the first dials, all of them listen. */
  readonly seed?: Seed
  readonly seeds?: readonly Seed[]
  /** Who this node is; made anew at each start unless given. */
  readonly identity?: Identity
  /** What computes hashes, keys and ciphers, in place of what the platform has: `sodiumProvider` of `@stt/crypto/sodium`. */
  readonly provider?: CryptoProvider
  /** Addresses to listen on: `udp://127.0.0.1:0`, `ws://127.0.0.1:0`. Port 0 takes a free one. */
  readonly listen?: readonly string[]
  /**
   * Who may connect, of those who hold the seed: `'any'` (the default), `{ trustOnFirstUse: store, max? }`,
   * `{ allow: ids }`, or `{ pairwise: id => secret }`.
   */
  readonly peers?: Peers
  /** Asked for each peer that dials in, after it has proved who it is. Only `true` lets it in; what throws refuses. */
  readonly authorize?: Authorize
  /** Refuse handshakes without ML-KEM-768 beside X25519. */
  readonly requireHybrid?: boolean
  /** Told to peers in the handshake, at most 512 bytes encoded: a listener's only to those it lets in. */
  readonly metadata?: Value
  /** Milliseconds of silence after which a dialing node sends a PING; `false`: never. 15 s. */
  readonly keepAlive?: number | false
  readonly limits?: Partial<NodeLimits>
}

export const DEFAULT_LIMITS: NodeLimits = {
  handshakeTimeout: 10_000,
  pendingHandshakes: 4_096,
  handshakesPerSecond: 200,
  handshakesPerPrefix: 20,
  waitingHandshakes: 256,
  sessions: 10_000,
  sessionsPerPeer: 16,
  sessionsPerPrefix: 1_024,
  streams: 128,
  streamWindow: 256 * 1024,
  sessionWindow: 8 * 1024 * 1024,
  maxStreamWindow: 16 * 1024 * 1024,
  maxSessionWindow: 64 * 1024 * 1024,
  maxMessage: 2 * 1024 * 1024,
  maxDatagram: 65_535,
  datagramQueue: 256,
  idleTimeout: 30_000,
  detachedTimeout: 30_000,
  closeDeadline: 5_000,
  streamIdle: 0,
}

/** @throws SttError `STT_INVALID_ARGUMENT` that names the limit */
export function resolveLimits(given: Partial<NodeLimits> = {}): NodeLimits {
  const limits = { ...DEFAULT_LIMITS, ...given }
  if (given.detachedTimeout === undefined) limits.detachedTimeout = limits.idleTimeout
  for (const [name, value] of Object.entries(limits)) {
    if (!(name in DEFAULT_LIMITS)) throw invalid(`limits.${name} is not a limit: see NodeLimits`)
    if (!Number.isSafeInteger(value) || value < 0) throw invalid(`limits.${name} is ${value}: give a whole number`)
  }
  if (limits.streams > MAX_STREAMS) throw invalid(`limits.streams is ${limits.streams}: at most ${MAX_STREAMS}`)
  if (limits.idleTimeout === 0) throw invalid('limits.idleTimeout is 0: every session would end at once')
  return limits
}

/** The seeds of a node, the one to dial with first. @throws SttError `STT_INVALID_ARGUMENT` */
export function resolveSeeds({ seed, seeds }: CommonOptions): readonly [Seed, ...Seed[]] {
  if (seed && seeds) throw invalid('give either seed or seeds, not both')
  const [first, ...others] = seed ? [seed] : (seeds ?? [])
  if (!first) throw invalid('a node needs a seed: Seed.generate() makes one, Seed.fromHex() reads one')
  return [first, ...others]
}

/**
 * Refuses what could never work, before anything is bound.
 *
 * @throws SttError `STT_INVALID_ARGUMENT` with the reason
 */
export function checkCombination({ listen = [], authorize, peers, identity }: CommonOptions): void {
  if (authorize && listen.length === 0) {
    throw invalid(
      'authorize is asked about peers that dial in: without listen it is never asked. Pin who is dialed with connect(url, { peer })',
    )
  }
  if (typeof peers === 'object' && 'pairwise' in peers && !identity) {
    throw invalid(
      'a pairwise secret is kept under a node id, and without identity this node has another id at each start: give it one',
    )
  }
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

const invalid = (message: string): SttError => new SttError('STT_INVALID_ARGUMENT', message)

const MAX_STREAMS = 16_384
