import { CloseCode, ProtocolError } from '@stt/frame'
import type { SessionEvent } from '../session-events.ts'

/**
 * The peer's datagrams that wait to be polled. They are counted before they are copied: one packet holds tens of thousands of
 * empty ones, and many packets may come before the next poll.
 */
export class IncomingDatagrams {
  readonly #maxDatagram: number
  readonly #emit: (event: SessionEvent) => void
  #waiting = 0
  #bytes = 0
  #dropped = 0

  /** @param maxDatagram bytes of the largest datagram that the peer may send; 0: it may send none */
  constructor(maxDatagram: number, emit: (event: SessionEvent) => void) {
    this.#maxDatagram = maxDatagram
    this.#emit = emit
  }

  /** Bytes of the datagrams that wait. */
  get bytes(): number {
    return this.#bytes
  }

  /** Datagrams that arrived while too many waited. */
  get dropped(): number {
    return this.#dropped
  }

  // spec: STT-PKT-33 STT-PKT-45
  onDatagram(data: Uint8Array): void {
    if (this.#maxDatagram === 0 || data.length > this.#maxDatagram) {
      throw new ProtocolError(CloseCode.ProtocolViolation, 'the peer sent a datagram above the limit it was given')
    }
    if (this.#waiting >= MAX_WAITING || this.#bytes + data.length > MAX_BYTES) {
      this.#dropped++
      return
    }
    this.#waiting++
    this.#bytes += data.length
    this.#emit({ type: 'datagram', data: data.slice() })
  }

  /** An event was polled, a datagram or another. */
  onTaken(event: SessionEvent): void {
    if (event.type !== 'datagram') return
    this.#waiting--
    this.#bytes -= event.data.length
  }
}

export const MAX_WAITING = 256
/** Bytes: room for the largest datagram, and for a burst of ordinary ones. */
export const MAX_BYTES: number = 512 * 1_024
