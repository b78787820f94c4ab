import type { Value } from '@stt/serialize'
import type {
  CloseReason,
  DatagramOutcome,
  SessionStatistics as EngineStatistics,
  MoveReason,
  PathState,
} from '@stt/session'
import type { StreamManagerStatistics } from '@stt/stream'
import type { Stream } from './stream.ts'

/**
 * - `active`: the handshake is over, and streams and datagrams go both ways
 * - `closing`: this side closes: it still sends what was written, then waits for the peer's answer
 * - `draining`: the peer closed the session; late packets are absorbed
 * - `closed`: nothing is sent or received any more
 */
export type SessionState = 'active' | 'closing' | 'draining' | 'closed'

/** The other end of a session. */
export interface Peer {
  /** Node id, 32 bytes, proved by the handshake. */
  readonly id: Uint8Array<ArrayBuffer>
  /** Where its packets come from: `ws://…`, `udp://…`. */
  readonly address: string
  /** Index in this node's `seeds` of the seed that the handshake used, as they were when it began. */
  readonly seed: number
  /** Metadata that the peer sent in the handshake. Only the peer vouches for them. */
  readonly metadata: Value | undefined
}

/** One way to the peer, as it is now. */
export interface SessionPath {
  /** Transport that carries the packets. */
  readonly kind: 'udp' | 'websocket'
  /** 0: the local network, 1: UDP, 2: WebSocket, 3: through a relay. The session uses the lowest that works. */
  readonly tier: number
  /** Whether the path leads through a relay. */
  readonly relayed: boolean
  /** Where it leads: `udp://…`, `ws://…`, `relay:wss://…`. */
  readonly remote: string
  /** Smoothed round-trip time in milliseconds; 0 until one is measured. */
  readonly rtt: number
  /** Whether the session uses it, keeps it ready, or still tests it. */
  readonly state: PathState
}

/** The session moved to another path. */
export interface PathChange {
  /** The path before; undefined when it is gone. */
  readonly from: SessionPath | undefined
  /** The path in use now. */
  readonly to: SessionPath
  /** Why: the path before ended or went silent, a better one was found, or the peer moved. */
  readonly reason: MoveReason
}

/** Options of `openStream` and `openSendStream`. */
export interface OpenStreamOptions {
  /** From 0 (sent last) to 7 (sent first); 3 by default. */
  readonly priority?: number
  /** Ends the wait for a place among the peer's streams. */
  readonly signal?: AbortSignal
}

/** Options of `Session.close`. */
export interface CloseOptions {
  /** The application's own code, told to the peer. 0 by default. */
  readonly code?: number
  /** At most 256 bytes of UTF-8, told to the peer. Empty by default. */
  readonly reason?: string
  /** Milliseconds in which what was written may still be accepted and arrive. `limits.closeDeadline` by default: 5 s. */
  readonly deadline?: number
  /** Ends the wait only: the session goes on closing. */
  readonly signal?: AbortSignal
}

/** Options of `ping`. */
export interface PingOptions {
  /** Ends the wait for the answer. */
  readonly signal?: AbortSignal
}

/** Counters of a session. Sizes are bytes on the wire, times are milliseconds. */
export interface SessionStatistics extends Omit<EngineStatistics, 'state'> {
  /** As `Session.state`. */
  readonly state: SessionState
  /** Generation of the keys that encrypt what is sent now. */
  readonly keyEpoch: number
  /** Counters of all streams of the session together. */
  readonly streams: StreamManagerStatistics
}

/** One authenticated session with a peer: many streams and datagrams. */
export interface Session<S extends Stream = Stream> {
  /** The other end; a new object after each change of its address. */
  readonly peer: Peer

  /** 16 bytes, the same at both ends: a label for people and logs, never a key. */
  readonly id: Uint8Array<ArrayBuffer>

  /** Where the session is in its life. */
  readonly state: SessionState

  /** Resolves with the reason when the session has ended; never rejects. */
  readonly closed: Promise<CloseReason>

  /** The path in use; undefined while there is none. */
  readonly path: SessionPath | undefined

  /** Every path of the session, the one in use first; empty once the session has ended. */
  readonly paths: readonly SessionPath[]

  /**
   * Calls `handler` after each move to another path. No byte is lost by a move, so a program need not react. What a
   * handler throws, or rejects with, becomes a warning.
   *
   * @returns a function that removes the handler
   */
  onPath(handler: (change: PathChange) => unknown): () => void

  /**
   * Opens a stream that goes both ways. Waits while the peer allows no more. The peer sees the stream at once, empty as
   * it is.
   *
   * Rejects with `STT_INVALID_ARGUMENT`, `STT_ABORTED`, or the reason for which the session ended.
   *
   * @example
   * const stream = await session.openStream()
   * await stream.write(new TextEncoder().encode('hello'))
   * await stream.end()
   */
  openStream(options?: OpenStreamOptions): Promise<S>

  /** Opens a stream from here to the peer only; otherwise as `openStream`. */
  openSendStream(options?: OpenStreamOptions): Promise<S>

  /**
   * The streams that the peer opens, as they come. The iteration ends with the session, after the streams that came
   * before. A loop that serves one stream before it takes the next delays all later ones; `onStream` does not.
   */
  streams(): AsyncIterable<S>

  /**
   * Calls `handler` with each stream that the peer opens, including those that wait already, without waiting for the
   * handler before. A handler that throws or rejects gives up its own stream with code 1, and a warning tells of it unless the
   * peer caused it. With several handlers each gets every stream, and the last one that fails gives it up.
   *
   * @returns a function that removes the handler
   *
   * @example
   * session.onStream(async stream => {
   *   for await (const message of stream.messages()) await stream.writeMessage(message)
   *   await stream.end()
   * })
   */
  onStream(handler: (stream: S) => unknown): () => void

  /** Largest payload that `sendDatagram` takes now, in bytes. */
  readonly maxDatagramSize: number

  /**
   * Sends `bytes` as one datagram, which may get lost. The call copies them. Resolves with `acknowledged`, `lost`, or
   * `expired` when newer datagrams pushed it out of the queue.
   *
   * @throws SttError `STT_DATAGRAM_TOO_LARGE` above `maxDatagramSize`, `STT_INVALID_ARGUMENT` for anything but bytes
   *
   * @example
   * const outcome = await session.sendDatagram(Uint8Array.of(1, 2, 3))
   */
  sendDatagram(bytes: Uint8Array | ArrayBufferView | ArrayBufferLike): Promise<DatagramOutcome>

  /**
   * The datagrams that arrive. At most 256 of them, or 512 KiB, wait to be read: beyond that the oldest are dropped and
   * counted as `datagramsExpired`.
   */
  datagrams(): AsyncIterable<Uint8Array<ArrayBuffer>>

  /** Moves both directions to new keys as soon as the protocol allows. */
  rotateKeys(): void

  /** Sends a PING and resolves with its round-trip time in milliseconds. Rejects as `openStream` does. */
  ping(options?: PingOptions): Promise<number>

  /** A key of `length` bytes for the application's own use; both ends get the same key for the same label. */
  exportKey(label: string, length: number): Uint8Array<ArrayBuffer>

  /** A snapshot of the session's counters. */
  getStatistics(): SessionStatistics

  /**
   * Closes the session. Everything written before, and ends that wait behind it, is delivered first, within the
   * deadline, even if flow control has not accepted it yet. Resolves with the reason for which the session ended. A second call
   * changes nothing.
   *
   * Rejects with `STT_INVALID_ARGUMENT` for invalid options, and closes nothing then.
   *
   * @example
   * const { by, code } = await session.close({ code: 0, reason: 'done' })
   */
  close(options?: CloseOptions): Promise<CloseReason>

  /** Closes the session, as `close` without options does. */
  [Symbol.asyncDispose](): Promise<void>
}
