import type { SessionEngine } from '@stt/session'
import type { StreamManager } from '@stt/stream'
import { UnreadRemains } from './unread-remains.ts'

/** The memory of one session, and the way to end it when memory is short. */
export interface HeldMemory {
  readonly engine: Pick<SessionEngine, 'bytesHeld'>
  readonly streams: Pick<StreamManager, 'heldBytes' | 'mayGrow' | 'size'>
  /** Bytes of the datagrams that the application has not taken. */
  readonly datagramBytes: () => number
  /** Ends the session, and lets go of what it holds. */
  end(): void
}

/**
 * The memory of a node: bytes that all its sessions hold, with or without a link, counted here and not by what peers
 * state. From three quarters of the limit on no window grows, and little is taken of what is written; above it no
 * session begins. What peers were granted before can still come: an eighth above the limit the session that holds most
 * is ended.
 */
export class MemoryBudget {
  readonly #limit: number
  /** By session, the bytes that `#held` has of it. */
  readonly #counted = new Map<HeldMemory, number>()
  /** Of sessions that have ended, what the application took and has not read. */
  readonly #remains = new UnreadRemains(bytes => this.#change(bytes))
  #held = 0
  #mayGrow = true

  /** @param limit bytes */
  constructor(limit: number) {
    this.#limit = limit
  }

  get held(): number {
    this.#remains.sweep()
    return this.#held
  }

  /** Whether there is no room for another session. */
  get isFull(): boolean {
    return this.held > this.#limit
  }

  add(session: HeldMemory): void {
    this.#counted.set(session, 0)
    if (!this.#mayGrow) session.streams.mayGrow = false
  }

  /** Looks again at what a session holds; to be called after anything happened in it. */
  count(session: HeldMemory): void {
    const before = this.#counted.get(session)
    if (before === undefined) return
    const now = heldBy(session)
    if (now === before) return
    this.#counted.set(session, now)
    this.#change(now - before)
    const most = (this.#limit * 9) / 8
    if (this.#held > most) this.#remains.sweep()
    while (this.#held > most && this.#counted.size > 0) this.#endLargest()
  }

  /** The session has ended. What the application has taken of it and not read stays counted. */
  release(session: HeldMemory): void {
    this.#remove(session)
    this.#remains.add(session.streams)
  }

  #remove(session: HeldMemory): void {
    const held = this.#counted.get(session) ?? 0
    this.#counted.delete(session)
    this.#change(-held)
  }

  #endLargest(): void {
    let largest: HeldMemory | undefined
    let most = -1
    for (const [session, bytes] of this.#counted) {
      if (bytes <= most) continue
      largest = session
      most = bytes
    }
    // Counted no more from now on, although a moment passes until it is gone.
    this.#remove(largest!)
    largest!.end()
  }

  #change(bytes: number): void {
    this.#held += bytes
    // Not back at the same mark: a node that stays near it would tell all its sessions again and again.
    const mark = (this.#limit * (this.#mayGrow ? 6 : 5)) / 8
    const mayGrow = this.#held < mark
    if (mayGrow === this.#mayGrow) return
    this.#mayGrow = mayGrow
    for (const { streams } of this.#counted.keys()) streams.mayGrow = mayGrow
  }
}

function heldBy({ engine, streams, datagramBytes }: HeldMemory): number {
  return engine.bytesHeld + streams.heldBytes + streams.size * BYTES_OF_A_STREAM + datagramBytes()
}

/** Rough size of an open stream beside its bytes, in engine and node: a peer opens one with three bytes. */
const BYTES_OF_A_STREAM = 2_560
