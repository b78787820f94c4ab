import { CloseCode, ProtocolError } from '@stt/frame'

/** Options of a `SessionWindow`. */
export interface SessionWindowConfig {
  /** Bytes of the session window at first, as the handshake states it. */
  readonly size: number
  /** Bytes to which it may grow. */
  readonly maximum: number
  /** Bytes of the first window of each stream. */
  readonly first: number
  /** Streams that the peer may have open, of both kinds. */
  readonly streams: number
  /** Bytes of the largest message. */
  readonly maxMessage: number
}

/**
 * The receive window of the session: how much the peer may send on all streams together, and how streams share it.
 *
 * Each stream that the peer may open owns its first window, whether it is open or not, and gets it again whenever its
 * application has read what arrived, whatever other streams hold. The rest of the window, the *spare*, is lent: to streams
 * that are read, to streams that this side opens, to messages. Owned and lent bytes together never exceed the window. So a
 * sender that keeps to the credit of its streams never waits for credit of the session, and a stream that is read goes on.
 *
 * Each use leaves some of the spare to the next one, so that none starves: streams that are read leave some to streams whose
 * reader waits, these leave some to new streams of this side, and these leave room for one message.
 */
export class SessionWindow {
  #size: number
  #limit: number
  readonly #first: number
  /** Bytes that the peer's streams own. */
  readonly #owned: number
  readonly #maximum: number
  readonly #leave: Readonly<Record<Use, number>>
  #lent = 0
  #used = 0
  #consumed = 0
  #mayGrow = true
  #waiting = false

  constructor({ size, maximum, first, streams, maxMessage }: SessionWindowConfig) {
    this.#size = size
    this.#limit = size
    this.#first = first
    const message = maxMessage + MESSAGE_HEADER
    this.#maximum = Math.max(size, maximum, message)
    // First windows that do not fit cannot be reserved for their streams. The limit of the session holds all the same.
    this.#owned = first * streams + message <= this.#maximum ? first * streams : 0
    const spare = this.#maximum - this.#owned
    const forMessage = Math.min(message, spare / 2)
    const forOwn = Math.min(OWN_STREAMS * first, spare / 8)
    // spec: STT-STR-27
    const forWaiting = Math.min(WAITING_RESERVE, spare / 8)
    this.#leave = {
      message: 0,
      own: forMessage,
      waiting: forMessage + forOwn,
      reading: forMessage + forOwn + forWaiting,
    }
  }

  /** The session window as it has grown. */
  get size(): number {
    return this.#size
  }

  /** Bytes that the peer may still send. */
  get available(): number {
    return this.#limit - this.#used
  }

  /** Bytes that count as arrived and were neither read nor dropped. */
  get outstanding(): number {
    return this.#used - this.#consumed
  }

  /** Whether a MAX_DATA waits to be written. */
  get isWaiting(): boolean {
    return this.#waiting
  }

  /** Whether windows may grow: not while the program is short of memory. */
  get mayGrow(): boolean {
    return this.#mayGrow
  }

  set mayGrow(allowed: boolean) {
    this.#mayGrow = allowed
  }

  /**
   * The peer used `length` bytes of credit.
   *
   * @throws ProtocolError `FlowControl` when it had less
   */
  // spec: STT-STR-14
  use(length: number): void {
    if (this.#used + length > this.#limit)
      throw new ProtocolError(CloseCode.FlowControl, 'the peer sent more than the credit of the session allows', {
        rule: 'session-credit',
      })
    this.#used += length
    this.#refresh()
  }

  /** The application took `length` bytes, or they were dropped. */
  consume(length: number): void {
    this.#consumed += length
    this.#refresh()
  }

  /** How many of `wanted` bytes can be lent. The session window grows for them as far as it may. */
  // spec: STT-STR-26 STT-STR-16
  lendable(wanted: number, use: Use): number {
    const length = Math.max(0, Math.min(wanted, this.#free(use)))
    const needed = this.#owned + this.#lent + length
    if (needed > this.#size) this.#grow(needed + this.#leave[use])
    return length
  }

  /** Whether `wanted` bytes could be lent. */
  canLend(wanted: number, use: Use): boolean {
    return wanted <= this.#free(use)
  }

  /** A stream holds this many bytes more of the spare, or fewer. */
  lend(length: number): void {
    this.#lent += length
  }

  /** A reader waits on a stream that has credit: gives the peer credit of the session, if it has none left. */
  helpReader(): void {
    if (this.#limit > this.#used) return
    if (this.#consumed + this.#size <= this.#limit && this.#mayGrow) this.#grow(this.#size + this.#first)
    this.#refresh()
  }

  /** Grants the window above what was consumed, and returns the new limit, which never falls. */
  grant(): number {
    this.#waiting = false
    this.#limit = Math.max(this.#limit, this.#consumed + this.#size)
    return this.#limit
  }

  /** A MAX_DATA that granted `limit` was lost: it is sent again, unless a newer one makes up for it. */
  // spec: STT-STR-17
  lose(limit: number): void {
    if (limit === this.#limit) this.#waiting = true
  }

  #free(use: Use): number {
    const window = this.#mayGrow ? this.#maximum : this.#size
    return Math.floor(window - this.#owned - this.#lent - this.#leave[use])
  }

  #grow(size: number): void {
    this.#size = Math.min(this.#maximum, Math.ceil(size))
    this.#refresh()
  }

  /** A grant is due when it raises the limit by half a window, or by less when the peer is about to reach the limit. */
  // spec: STT-STR-15
  #refresh(): void {
    const gain = this.#consumed + this.#size - this.#limit
    const isNear = this.#limit - this.#used <= this.#size / 4
    if (gain > 0 && gain >= (isNear ? Math.min(this.#size, this.#first) : this.#size) / 2) this.#waiting = true
  }
}

/** A use of the spare, from the one that may take all of it to the one that leaves the most to others. */
export type Use = 'message' | 'own' | 'waiting' | 'reading'

const MESSAGE_HEADER = 8
const OWN_STREAMS = 64
const WAITING_RESERVE = 1024 * 1024
