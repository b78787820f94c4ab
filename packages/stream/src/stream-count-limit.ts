import { CloseCode, ProtocolError } from '@stt/frame'
import { RangeSet } from './range-set.ts'

/** Counts the streams of one kind, two-way or one-way, that each side has opened and may open. */
export class StreamCountLimit {
  readonly #size: number
  #openedLocally = 0
  #peerLimit: number
  #refused = false
  #openedByPeer = 0
  /** Streams below `#openedByPeer` that the peer passed over and has not used yet: ranges of indices, no objects. */
  readonly #skipped = new RangeSet()
  #finishedOfPeer = 0
  #granted: number
  #isWaiting = false

  /**
   * @param size streams of the kind that the peer may have open
   * @param peerLimit streams that the peer lets us open at first
   */
  constructor(size: number, peerLimit: number) {
    this.#size = size
    this.#granted = size
    this.#peerLimit = peerLimit
  }

  /** Streams that this side opened. */
  get openedLocally(): number {
    return this.#openedLocally
  }

  /** Streams that the peer opened or passed over. */
  get openedByPeer(): number {
    return this.#openedByPeer
  }

  /** Whether a MAX_STREAMS waits to be written. */
  get isWaiting(): boolean {
    return this.#isWaiting
  }

  /** Whether an `open` was refused and the peer has allowed more since. */
  get isAvailable(): boolean {
    return this.#refused && this.#openedLocally < this.#peerLimit
  }

  /** An `open` was refused: `isAvailable` says when it may succeed. */
  refuse(): void {
    this.#refused = true
  }

  /** The application was told to try again. */
  retry(): void {
    this.#refused = false
  }

  /** Whether the peer allows this side another stream. */
  get canOpen(): boolean {
    return this.#openedLocally < this.#peerLimit
  }

  /** Index of the next stream that this side opens. */
  // spec: STT-STR-3
  open(): number {
    return this.#openedLocally++
  }

  /** The peer allows `max` streams in all. */
  raisePeerLimit(max: number): void {
    if (max > this.#peerLimit) this.#peerLimit = max
  }

  /**
   * The peer used stream `index`. Lower ones that it has not used count as open from now on, and take no memory.
   *
   * @returns whether the stream is a new one; otherwise it is over
   * @throws ProtocolError `StreamLimit` when the peer had no credit for it
   */
  // spec: STT-STR-4
  openByPeer(index: number): boolean {
    if (index < this.#openedByPeer) {
      if (!this.#skipped.seek(index) || this.#skipped.foundStart > index) return false
      this.#skipped.remove(index, index + 1)
      return true
    }
    if (index >= this.#granted)
      throw new ProtocolError(CloseCode.StreamLimit, `the peer opened more streams than the ${this.#granted} allowed`, {
        rule: 'stream-limit',
      })
    this.#skipped.add(this.#openedByPeer, index)
    this.#openedByPeer = index + 1
    this.#update()
    return true
  }

  /** A stream that the peer opened is over, and the application had claimed it: the peer may open another one. */
  finish(): void {
    this.#finishedOfPeer++
    this.#update()
  }

  /** Grants streams for those that are over, and returns the new limit. */
  grant(): number {
    this.#isWaiting = false
    this.#granted = this.#size + this.#finishedOfPeer
    return this.#granted
  }

  /** A MAX_STREAMS that granted `limit` was lost: it is sent again, unless a newer one makes up for it. */
  lose(limit: number): void {
    if (limit === this.#granted) this.#isWaiting = true
  }

  /** Grants again when the peer may open no more than half of its streams. */
  #update(): void {
    const target = this.#size + this.#finishedOfPeer
    if (target > this.#granted && this.#granted - this.#openedByPeer <= this.#size / 2) this.#isWaiting = true
  }
}
