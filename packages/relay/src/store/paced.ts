/** Handles many items a few at a time, so that other work has its turn in between. */
export class Paced {
  readonly #guard: (call: () => void) => void
  #timer: NodeJS.Timeout | undefined

  /** @param guard calls a function and reports what it throws, so that an error ends one turn and not the process */
  constructor(guard: (call: () => void) => void) {
    this.#guard = guard
  }

  /** Begins, and drops what is left of an earlier run. */
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

/** A thousand in a second: 10,000 listeners and 100,000 records take two minutes, and nodes say most of them sooner. */
const A_TURN = 100
/** Milliseconds. */
const PAUSE = 100
