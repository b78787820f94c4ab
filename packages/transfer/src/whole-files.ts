/**
 * Decides whether to send small files whole, without asking first. That is several times as fast if the receiver has none of them,
 * but sends again those that it has. So the sender announces the first few, and expects the same answers for the next ones. No I/O.
 */
export class WholeFiles {
  /** Sizes of files that were sent whole and have no answer, by id. */
  readonly #sizes = new Map<number, number>()
  #unanswered = 0
  #inVain = 0
  #asks = true
  #wantedInRow = 0
  /** Whether an answer has decided it. */
  #isKnown = false
  #asked = 0

  get areWorthIt(): boolean {
    return !this.#asks
  }

  /** Whether more files may be sent or announced before an answer comes. */
  get hasRoom(): boolean {
    if (this.#asks) return this.#isKnown || this.#asked < MOST_ASKED
    return this.#unanswered < MOST_UNANSWERED
  }

  sent(id: number, size: number): void {
    this.#sizes.set(id, size)
    this.#unanswered += size
  }

  /** Notes that a small file was announced. */
  asked(): void {
    this.#asked++
  }

  /** Notes that the receiver wants an announced file. @param isThere whether it has the file or a part of it */
  wanted(isThere: boolean): void {
    this.#isKnown ||= isThere
    this.#wantedInRow = isThere ? 0 : this.#wantedInRow + 1
    if (this.#wantedInRow < ENOUGH_WANTED || this.#inVain >= MOST_IN_VAIN) return
    this.#isKnown = true
    this.#asks = false
  }

  /** Notes that the receiver did not have a file that was sent whole. */
  done(id: number): void {
    this.#unanswered -= this.#sizes.get(id) ?? 0
    this.#sizes.delete(id)
  }

  /** Notes that the receiver had such a file, so the next ones are announced. */
  had(id: number): void {
    this.#inVain += this.#sizes.get(id) ?? 0
    this.done(id)
    this.#asks = true
    this.#wantedInRow = 0
  }

  /** Notes that the receiver refused a file, which says nothing about the others. */
  refused(id: number): void {
    this.#isKnown = true
    this.done(id)
  }
}

/** The most small files that are announced before an answer has decided. */
const MOST_ASKED = 64
const ENOUGH_WANTED = 32
/** Bytes. */
const MOST_UNANSWERED = 1_048_576
const MOST_IN_VAIN = 1_048_576
