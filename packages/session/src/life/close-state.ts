import { checkInteger, checkType, describe, SttError } from '@stt/errors'
import { type Link, MAX_CLOSE_REASON, MAX_VARINT } from '@stt/frame'

/** What `close` was asked for. */
export interface CloseRequest {
  readonly app: boolean
  readonly code: number
  readonly reason: string
  /** Milliseconds that what was written may take to go out and be acknowledged before CLOSE is sent regardless. */
  readonly drain: number
  /** Whether all that was written has come to the streams by now: until then closing waits. At once unless given. */
  readonly isWritten?: () => boolean
}

/** How far the closing of a session has come. */
export class CloseState {
  readonly request: CloseRequest
  readonly reasonBytes: Uint8Array
  /** Until then data still flows. */
  readonly flushBy: number
  /** Finite once data has stopped. */
  #lingerUntil = Number.POSITIVE_INFINITY
  #repeatAfter = Number.POSITIVE_INFINITY
  #repeatAt = Number.POSITIVE_INFINITY
  #owesClose = false
  #packetsSinceClose = 0
  /** The links, beside the active one, that the CLOSE that is owed has gone over. */
  #sentOver: readonly Link[] = []

  /** @throws SttError `STT_INVALID_ARGUMENT` for a request that CLOSE cannot carry */
  // spec: STT-FRM-12
  constructor(request: CloseRequest, now: number) {
    checkType(request?.app, 'app', 'boolean')
    if (request.isWritten !== undefined) checkType(request.isWritten, 'isWritten', 'function')
    checkInteger(request.code, 'the code of a close', 0, MAX_VARINT)
    checkType(request.reason, 'the reason of a close', 'string')
    if (!(typeof request.drain === 'number' && request.drain >= 0)) {
      throw new SttError('STT_INVALID_ARGUMENT', `drain is milliseconds, not ${describe(request.drain)}`)
    }
    this.request = request
    this.reasonBytes = new TextEncoder().encode(request.reason)
    this.flushBy = now + request.drain
    if (this.reasonBytes.length > MAX_CLOSE_REASON) {
      throw new SttError(
        'STT_INVALID_ARGUMENT',
        `a close reason has at most ${MAX_CLOSE_REASON} bytes of UTF-8: shorten it`,
      )
    }
  }

  /** Whether data has stopped and CLOSE is what remains to be sent. */
  get started(): boolean {
    return this.#lingerUntil !== Number.POSITIVE_INFINITY
  }

  /** Whether nothing waits any more to be given to the streams. */
  get isWritten(): boolean {
    return this.request.isWritten?.() ?? true
  }

  /** When the session is forgotten although the peer has not answered. */
  get lingerUntil(): number {
    return this.#lingerUntil
  }

  get owesClose(): boolean {
    return this.#owesClose
  }

  /**
   * Data has stopped: CLOSE is owed.
   *
   * @param linger milliseconds for which an answer, or late packets, are waited for
   * @param repeatAfter milliseconds after which CLOSE, unanswered, is sent again; `Infinity` where nothing is lost
   */
  start(linger: number, repeatAfter: number, now: number): void {
    this.#lingerUntil = now + linger
    this.#repeatAfter = repeatAfter
    this.#owesClose = true
  }

  /** Whether the CLOSE that is owed has gone over this link. */
  wasSentOver(link: Link): boolean {
    return this.#sentOver.includes(link)
  }

  onSentOver(link: Link): void {
    this.#sentOver = [...this.#sentOver, link]
  }

  onCloseSent(now: number): void {
    this.#owesClose = false
    this.#sentOver = []
    this.#packetsSinceClose = 0
    this.#repeatAt = now + this.#repeatAfter
  }

  /** The peer still sends: it may have missed CLOSE. One in eight of its packets is answered. */
  // spec: STT-PKT-25
  onLatePacket(): void {
    this.#packetsSinceClose++
    if (this.#packetsSinceClose >= PACKETS_PER_CLOSE) this.#owesClose = true
  }

  /** Lets time pass: a peer that has nothing to send would never show that it missed CLOSE. */
  // spec: STT-PKT-25
  onTime(now: number): void {
    if (now < this.#repeatAt) return
    this.#repeatAt = Number.POSITIVE_INFINITY
    this.#owesClose = true
  }

  /** When something happens by the passing of time alone. */
  get deadline(): number {
    return this.started ? Math.min(this.#lingerUntil, this.#repeatAt) : this.flushBy
  }
}

/** The longest prefix of `text` that a CLOSE can carry. */
export function truncateReason(text: string): string {
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(MAX_CLOSE_REASON))
  return text.slice(0, read)
}

const PACKETS_PER_CLOSE = 8
