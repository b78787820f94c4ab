import type { StreamStatistics } from '@stt/stream'

/** Options of `write`, `writeMessage` and `end`. */
export interface WriteOptions {
  /** Ends the wait. `write` and `writeMessage` also give up the bytes that were not accepted yet. */
  readonly signal?: AbortSignal
}

/** Options of `readExactly`. */
export interface ReadOptions {
  /** Ends the wait and gives up reading, as `stop` does: the bytes read so far are lost. */
  readonly signal?: AbortSignal
}

/** Options of `readAll`. */
export interface ReadAllOptions extends ReadOptions {
  /** The most bytes to take. A longer stream is given up, and the call rejects with `STT_LIMIT`. */
  readonly maxBytes: number
}

/**
 * An ordered stream of bytes to and from the peer. A one-way stream has one half: its opener writes, the other end reads.
 *
 * Reading takes chunks as they arrive; while the program does not read, the peer's `write` waits. One reader at a time:
 * a second one fails with `STT_INVALID_STATE`.
 *
 * @example
 * for await (const chunk of stream) await file.write(chunk)
 */
export interface Stream extends AsyncIterable<Uint8Array<ArrayBuffer>> {
  /** The same number at both ends, unique in its session: a label for people and logs. */
  readonly id: number

  /** Whether the stream goes one way only, from its opener to the other end. */
  readonly unidirectional: boolean

  /**
   * Writes `bytes` (a `Uint8Array`, any other view, or an `ArrayBuffer`) behind what was written before. Resolves when
   * flow control has accepted them all. Until then they are not copied and must not change; afterwards the array is the
   * caller's again. Waiting for the promise is what keeps memory bounded.
   *
   * Rejects with
   * - `STT_STREAM_STOPPED` when the peer reads no further,
   * - `STT_INVALID_STATE` after `end` or `reset`,
   * - the reason for which the session ended,
   * - `STT_INVALID_ARGUMENT` for anything but bytes, and for memory that was detached during the wait,
   * - `STT_ABORTED` when `signal` aborts this write.
   *
   * The last two have `details.accepted`: the number of bytes that were sent all the same. Later writes follow those.
   *
   * @example
   * await stream.write(new TextEncoder().encode('hello'))
   */
  write(bytes: Uint8Array | ArrayBufferView | ArrayBufferLike, options?: WriteOptions): Promise<void>

  /**
   * Writes one message; `messages()` at the other end yields it whole. Rejects with `STT_MESSAGE_TOO_LARGE` above the
   * peer's limit, 2 MiB by default, and otherwise as `write` does. A message that fails after a part of it was sent
   * resets the stream, since nothing could follow it.
   *
   * @example
   * await stream.writeMessage(new TextEncoder().encode(JSON.stringify({ temperature: 21 })))
   */
  writeMessage(message: Uint8Array | ArrayBufferView | ArrayBufferLike, options?: WriteOptions): Promise<void>

  /**
   * Ends the sending half behind what was written (FIN). Later writes are refused. Resolves when flow control has
   * accepted everything; `delivered` tells when the peer has it. A `signal` ends the wait only.
   */
  end(options?: WriteOptions): Promise<void>

  /**
   * Gives up the sending half: the peer's reading fails with `STT_STREAM_RESET` and `code`.
   *
   * @param code the application's own, from 0 to 2^53 - 1; 0 by default
   */
  reset(code?: number): void

  /**
   * Gives up the receiving half: the peer's writing fails with `STT_STREAM_STOPPED` and `code`.
   *
   * @param code the application's own, from 0 to 2^53 - 1; 0 by default
   */
  stop(code?: number): void

  /** Resolves when the peer has acknowledged everything up to FIN; rejects once that can no longer happen. */
  readonly delivered: Promise<void>

  /** The chunks that arrive, in order. Leaving the loop early tells the peer to stop writing. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array<ArrayBuffer>, undefined>

  /**
   * The messages that the peer's `writeMessage` wrote, each of them whole. Leaving the loop early tells the peer to stop.
   *
   * @example
   * for await (const message of stream.messages()) console.log(new TextDecoder().decode(message))
   */
  messages(): AsyncIterable<Uint8Array<ArrayBuffer>>

  /**
   * The next `length` bytes, however many chunks they arrive in. Any other call can read what follows them.
   * Rejects with `STT_TRUNCATED` when the stream ends earlier.
   *
   * @example
   * const header = await stream.readExactly(8)
   */
  readExactly(length: number, options?: ReadOptions): Promise<Uint8Array<ArrayBuffer>>

  /**
   * Everything up to the end of the stream. Rejects with `STT_LIMIT`, and gives up reading, above `maxBytes`.
   *
   * @example
   * const answer = await stream.readAll({ maxBytes: 1_000_000, signal: AbortSignal.timeout(10_000) })
   */
  readAll(options: ReadAllOptions): Promise<Uint8Array<ArrayBuffer>>

  /**
   * The receiving half as a Web Stream of bytes; it counts as the one reader. Where a one-way stream lacks this half,
   * reading fails with `STT_INVALID_STATE`.
   */
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>

  /**
   * The sending half as a Web Stream; aborting it resets the stream. Where a one-way stream lacks this half, writing
   * fails with `STT_INVALID_STATE`.
   */
  readonly writable: WritableStream<Uint8Array>

  /** Sizes in bytes. `sendBuffered` counts what waits for flow control and what the peer has not acknowledged yet. */
  getStatistics(): StreamStatistics

  /** Gives up what is left: resets the sending half unless it was ended, stops the receiving half unless it was read. */
  [Symbol.asyncDispose](): Promise<void>
}
