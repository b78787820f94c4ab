import {
  FrameType,
  PATH_FRAME_SIZE,
  type SentFrame,
  writeHandshakeDone,
  writePathResponse,
  writePing,
} from '@stt/frame'

/** The session's own frames that wait to be sent: HANDSHAKE_DONE, PING, PATH_RESPONSE. */
export class ControlFrames {
  #handshakeDone = false
  readonly #pings: number[] = []
  readonly #pathResponses: Uint8Array[] = []
  #nextPing = 0

  get pending(): boolean {
    return this.#handshakeDone || this.#pings.length > 0 || this.#pathResponses.length > 0
  }

  queueHandshakeDone(): void {
    this.#handshakeDone = true
  }

  /** @returns the number under which the acknowledgement of this PING is known */
  queuePing(): number {
    this.#pings.push(this.#nextPing)
    return this.#nextPing++
  }

  /** A challenge beyond what can be answered soon is dropped: its sender asks again. */
  queuePathResponse(challenge: Uint8Array): void {
    if (this.#pathResponses.length < MAX_PATH_RESPONSES) this.#pathResponses.push(challenge.slice())
  }

  /** Writes what fits up to `limit` and returns the offset after it. */
  write(buffer: Uint8Array, offset: number, limit: number, sent: SentFrame[]): number {
    let at = offset
    if (this.#handshakeDone && at < limit) {
      at = writeHandshakeDone(buffer, at)
      sent.push({ type: FrameType.HandshakeDone, id: 0, offset: 0, length: 0, fin: false })
      this.#handshakeDone = false
    }
    while (this.#pings.length > 0 && at < limit) {
      at = writePing(buffer, at)
      sent.push({ type: FrameType.Ping, id: this.#pings.shift()!, offset: 0, length: 0, fin: false })
    }
    // A response is not repeated when lost: a new challenge asks for a new one.
    while (this.#pathResponses.length > 0 && at + PATH_FRAME_SIZE <= limit) {
      at = writePathResponse(buffer, at, this.#pathResponses.shift()!)
    }
    return at
  }

  onLost(frame: SentFrame): void {
    if (frame.type === FrameType.HandshakeDone) this.#handshakeDone = true
    if (frame.type === FrameType.Ping) this.#pings.push(frame.id)
  }
}

const MAX_PATH_RESPONSES = 4
