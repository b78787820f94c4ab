/**
 * Whether small files are sent without asking, which is several times as fast where the receiver has none of them, and sends
 * again what it has. So the first few are asked for, and what they say is taken for what the next ones would. No I/O.
 */
export class WholeFiles {
  /** Bytes of those that were sent whole and have no answer, by id. */
  readonly #sizes = new Map<number, number>()
  #unanswered = 0
  #inVain = 0
  #asks = true
  #wantedInRow = 0
  /** Whether there was an answer that decides. */
  #isKnown = false
  #asked = 0

  get areWorthIt(): boolean {
    return !this.#asks
  }

  /** Whether more may be told before an answer comes. */
  get hasRoom(): boolean {
    if (this.#asks) return this.#isKnown || this.#asked < MOST_ASKED
    return this.#unanswered < MOST_UNANSWERED
  }

  sent(id: number, size: number): void {
    this.#sizes.set(id, size)
    this.#unanswered += size
  }

  /** A small file was told of. */
  asked(): void {
    this.#asked++
  }

  /** One that was asked for is wanted, or was there, whole or in part. */
  wanted(isThere: boolean): void {
    this.#isKnown ||= isThere
    this.#wantedInRow = isThere ? 0 : this.#wantedInRow + 1
    if (this.#wantedInRow < ENOUGH_WANTED || this.#inVain >= MOST_IN_VAIN) return
    this.#isKnown = true
    this.#asks = false
  }

  /** One that was sent whole was not there before. */
  done(id: number): void {
    this.#unanswered -= this.#sizes.get(id) ?? 0
    this.#sizes.delete(id)
  }

  /** It was there already: others are asked for. */
  had(id: number): void {
    this.#inVain += this.#sizes.get(id) ?? 0
    this.done(id)
    this.#asks = true
    this.#wantedInRow = 0
  }

  /** One is not taken, which says nothing of others. */
  refused(id: number): void {
    this.#isKnown = true
    this.done(id)
  }
}

/** Small files that are asked for before anything is known of the receiver. */
const MOST_ASKED = 64
const ENOUGH_WANTED = 32
/** Bytes. */
const MOST_UNANSWERED = 1_048_576
const MOST_IN_VAIN = 1_048_576
