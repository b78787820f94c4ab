import { CloseCode, ProtocolError } from '@stt/frame'

/** How many streams of one kind, two-way or one-way, each side has opened and may open. */
export class StreamCredit {
  readonly #size: number
  #openedLocally = 0
  #peerLimit: number
  #refused = false
  #openedByPeer = 0
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

  get openedLocally(): number {
    return this.#openedLocally
  }

  get openedByPeer(): number {
    return this.#openedByPeer
  }

  /** Whether a MAX_STREAMS waits to be written. */
  get isWaiting(): boolean {
    return this.#isWaiting
  }

  /** Whether an `open` was refused that would succeed now. Asking clears it. */
  takeAvailable(): boolean {
    const available = this.#refused && this.#openedLocally < this.#peerLimit
    if (available) this.#refused = false
    return available
  }

  /** Index of the next stream of ours, or -1 when the peer's credit is used up. */
  // spec: STT-STR-3
  open(): number {
    if (this.#openedLocally < this.#peerLimit) return this.#openedLocally++
    this.#refused = true
    return -1
  }

  raisePeerLimit(max: number): void {
    if (max > this.#peerLimit) this.#peerLimit = max
  }

  /**
   * The peer used stream `index`; the lower ones that it has not used are open from now on too.
   *
   * @returns the first index that was not open before
   * @throws ProtocolError `StreamLimit` when the peer had no credit for it
   */
  // spec: STT-STR-4
  openByPeer(index: number): number {
    if (index >= this.#granted)
      throw new ProtocolError(CloseCode.StreamLimit, `the peer opened more streams than the ${this.#granted} allowed`, {
        rule: 'stream-limit',
      })
    const first = this.#openedByPeer
    this.#openedByPeer = Math.max(first, index + 1)
    this.#update()
    return first
  }

  /** A stream of the peer's is over and was taken by the application: the peer may open another one. */
  finish(): void {
    this.#finishedOfPeer++
    this.#update()
  }

  grant(): number {
    this.#isWaiting = false
    this.#granted = this.#size + this.#finishedOfPeer
    return this.#granted
  }

  /** @param limit what the lost MAX_STREAMS granted: a newer one makes up for it */
  lose(limit: number): void {
    if (limit === this.#granted) this.#isWaiting = true
  }

  /** Grants again when the peer may open no more than half of its streams. */
  #update(): void {
    const target = this.#size + this.#finishedOfPeer
    if (target > this.#granted && this.#granted - this.#openedByPeer <= this.#size / 2) this.#isWaiting = true
  }
}
