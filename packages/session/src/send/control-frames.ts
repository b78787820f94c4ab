import { FrameType, type SentFrame, writeHandshakeDone, writePing } from '@stt/frame'

/** The session's own frames that wait to be sent: HANDSHAKE_DONE and PING. */
export class ControlFrames {
  #handshakeDone = false
  /** A PING of the session's own: whose acknowledgement nobody asks for by number. */
  #ownPing = false
  /** PINGs that somebody asked for, by number, and those of them that wait to be sent. */
  readonly #unanswered = new Set<number>()
  readonly #waiting = new Set<number>()
  #nextPing = 0

  get pending(): boolean {
    return this.#handshakeDone || this.#ownPing || this.#waiting.size > 0
  }

  queueHandshakeDone(): void {
    this.#handshakeDone = true
  }

  /** Makes the peer acknowledge something. */
  queueOwnPing(): void {
    this.#ownPing = true
  }

  /** @returns the number under which the acknowledgement of this PING is known */
  queuePing(): number {
    const ping = this.#nextPing++
    this.#unanswered.add(ping)
    this.#waiting.add(ping)
    return ping
  }

  /** Writes what fits up to `limit` and returns the offset after it. */
  write(buffer: Uint8Array, offset: number, limit: number, sent: SentFrame[]): number {
    let at = offset
    if (this.#handshakeDone && at < limit) {
      at = writeHandshakeDone(buffer, at)
      sent.push({ type: FrameType.HandshakeDone, id: 0, offset: 0, length: 0, fin: false })
      this.#handshakeDone = false
    }
    if (this.#ownPing && at < limit) {
      at = writePing(buffer, at)
      sent.push(pingFrame(OWN_PING))
      this.#ownPing = false
    }
    for (const ping of this.#waiting) {
      if (at >= limit) break
      at = writePing(buffer, at)
      sent.push(pingFrame(ping))
      this.#waiting.delete(ping)
    }
    return at
  }

  /** Waits to be sent once more, unless an earlier copy arrived. @returns whether it does */
  requeue({ type, id }: SentFrame): boolean {
    if (type === FrameType.HandshakeDone) this.#handshakeDone = true
    else if (id === OWN_PING) this.#ownPing = true
    else if (this.#unanswered.has(id) && !this.#waiting.has(id)) this.#waiting.add(id)
    else return false
    return true
  }

  /** @returns the number of a PING that is answered now for the first time */
  onAcknowledged({ type, id }: SentFrame): number | undefined {
    if (type === FrameType.HandshakeDone) this.#handshakeDone = false
    if (type !== FrameType.Ping || !this.#unanswered.delete(id)) return undefined
    this.#waiting.delete(id)
    return id
  }
}

const pingFrame = (id: number): SentFrame => ({ type: FrameType.Ping, id, offset: 0, length: 0, fin: false })

const OWN_PING = -1
