import { FrameType, type SentFrame, writeHandshakeDone, writePing } from '@stt/frame'

/** The session's own frames that wait to be sent: HANDSHAKE_DONE and PING. */
export class ControlFrames {
  #handshakeDone = false
  /** Whether a PING of the session itself waits to be sent; its acknowledgement is not reported. */
  #ownPing = false
  /** PINGs that were asked for and not acknowledged yet, by number. */
  readonly #unanswered = new Set<number>()
  /** The unanswered PINGs that wait to be sent. */
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

  /** @returns the number of this PING, by which its acknowledgement is reported */
  queuePing(): number {
    const ping = this.#nextPing++
    this.#unanswered.add(ping)
    this.#waiting.add(ping)
    return ping
  }

  /** Writes as many frames as fit up to `limit`. @returns the offset after them */
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

  /** Queues a frame again, unless an earlier copy arrived. @returns whether it waits to be sent now */
  requeue({ type, id }: SentFrame): boolean {
    if (type === FrameType.HandshakeDone) this.#handshakeDone = true
    else if (id === OWN_PING) this.#ownPing = true
    else if (this.#unanswered.has(id) && !this.#waiting.has(id)) this.#waiting.add(id)
    else return false
    return true
  }

  /** @returns the number of a PING that is acknowledged for the first time */
  onAcknowledged({ type, id }: SentFrame): number | undefined {
    if (type === FrameType.HandshakeDone) this.#handshakeDone = false
    if (type !== FrameType.Ping || !this.#unanswered.delete(id)) return undefined
    this.#waiting.delete(id)
    return id
  }
}

const pingFrame = (id: number): SentFrame => ({ type: FrameType.Ping, id, offset: 0, length: 0, fin: false })

const OWN_PING = -1
