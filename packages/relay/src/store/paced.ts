/** Does many things a few at a time, so that what else there is to do has its turn. */
export class Paced {
  readonly #guard: (call: () => void) => void
  #timer: NodeJS.Timeout | undefined

  /** @param guard what throws there ends that turn, and never the process */
  constructor(guard: (call: () => void) => void) {
    this.#guard = guard
  }

  /** Begins, in place of what was not done yet. */
  run<T>(things: Iterator<T>, act: (thing: T) => void): void {
    clearTimeout(this.#timer)
    const turn = (): void => {
      for (let i = 0; i < A_TURN; i++) {
        const { done, value } = things.next()
        if (done) return
        act(value)
      }
      this.#timer = setTimeout(() => this.#guard(turn), PAUSE).unref()
    }
    turn()
  }

  stop(): void {
    clearTimeout(this.#timer)
  }
}

/** A thousand in a second: 10,000 listeners and 100,000 records are told within two minutes, and nodes say most of them sooner. */
const A_TURN = 100
/** Milliseconds. */
const PAUSE = 100
