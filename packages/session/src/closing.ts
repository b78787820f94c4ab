import { SttError } from '@stt/errors'
import { MAX_CLOSE_REASON } from '@stt/frame'

/** What `close` was asked for. */
export interface CloseRequest {
  readonly app: boolean
  readonly code: number
  readonly reason: string
  /** Milliseconds that what was written may take to go out and be acknowledged before CLOSE is sent regardless. */
  readonly drain: number
}

/** How far the closing of a session has come. */
export class Closing {
  readonly request: CloseRequest
  readonly reasonBytes: Uint8Array
  /** Until then data still flows. */
  readonly flushBy: number
  /** Set when CLOSE may go out: everything is delivered, or the time for that is over. */
  #lingerUntil = Number.POSITIVE_INFINITY
  #closesOwed = 0
  #packetsSinceClose = 0

  /** @throws SttError `STT_INVALID_ARGUMENT` when the reason is above 256 bytes of UTF-8 */
  // spec: STT-FRM-9
  constructor(request: CloseRequest, now: number) {
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

  /** When the session is forgotten although the peer has not answered. */
  get lingerUntil(): number {
    return this.#lingerUntil
  }

  get owesClose(): boolean {
    return this.#closesOwed > 0
  }

  /** @param linger milliseconds for which an answer, or late packets, are waited for */
  start(now: number, linger: number): void {
    this.#lingerUntil = now + linger
    this.#closesOwed = 1
  }

  onCloseSent(): void {
    this.#closesOwed = 0
    this.#packetsSinceClose = 0
  }

  /** The peer still sends: it may have missed CLOSE. One in eight of its packets is answered. */
  // spec: STT-PKT-19
  onLatePacket(): void {
    this.#packetsSinceClose++
    if (this.#packetsSinceClose >= PACKETS_PER_CLOSE) this.#closesOwed = 1
  }
}

/** The longest prefix of `text` that a CLOSE can carry. */
export function truncateReason(text: string): string {
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(MAX_CLOSE_REASON))
  return text.slice(0, read)
}

const PACKETS_PER_CLOSE = 8
