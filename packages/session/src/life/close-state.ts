import { checkInteger, checkType, describe, SttError } from '@stt/errors'
import { type Link, MAX_CLOSE_REASON, MAX_VARINT } from '@stt/frame'

/** How a session is to be closed. */
export interface CloseRequest {
  /** Whether `code` is the application's; if not it is one of `CloseCode`. */
  readonly app: boolean
  /** A whole number from 0 to 2^53 - 1. */
  readonly code: number
  /** Text for people, at most 256 bytes of UTF-8. */
  readonly reason: string
  /** Milliseconds for data that was written to be sent and acknowledged; then CLOSE is sent regardless. */
  readonly deadline: number
  /** Whether all data that was written has reached the streams: closing waits until then. Default: it has. */
  readonly isWritten?: () => boolean
}

/** How far the closing of a session has come. */
export class CloseState {
  readonly request: CloseRequest
  readonly reasonBytes: Uint8Array
  /** Data is sent until then. */
  readonly flushBy: number
  /** When the session is forgotten without an answer; finite once data has stopped. */
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
    if (!(typeof request.deadline === 'number' && request.deadline >= 0)) {
      throw new SttError('STT_INVALID_ARGUMENT', `deadline is milliseconds, not ${describe(request.deadline)}`)
    }
    this.request = request
    this.reasonBytes = new TextEncoder().encode(request.reason)
    this.flushBy = now + request.deadline
    if (this.reasonBytes.length > MAX_CLOSE_REASON) {
      throw new SttError(
        'STT_INVALID_ARGUMENT',
        `a close reason has at most ${MAX_CLOSE_REASON} bytes of UTF-8: shorten it`,
      )
    }
  }

  /** Whether data has stopped: only CLOSE remains to be sent. */
  get started(): boolean {
    return this.#lingerUntil !== Number.POSITIVE_INFINITY
  }

  /** Whether all data that was written has reached the streams. */
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
   * Stops data: from now on CLOSE is owed.
   *
   * @param linger milliseconds to wait for an answer and for late packets
   * @param repeatAfter milliseconds after which an unanswered CLOSE is sent again; `Infinity` where packets do not get lost
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

  /** The peer still sends, so it may have missed CLOSE: every eighth packet is answered. */
  // spec: STT-PKT-25
  onLatePacket(): void {
    this.#packetsSinceClose++
    if (this.#packetsSinceClose >= PACKETS_PER_CLOSE) this.#owesClose = true
  }

  /** Sends CLOSE again when it is due: a peer with nothing to send would not show that it missed the first. */
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
