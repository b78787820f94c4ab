import { SttError } from '@stt/errors'

/**
 * Stands between what calls into a node from outside (sockets, links, timers, tasks) and its code. What throws there is
 * counted and told to the operator, and ends what it was about: a session, a handshake, a link. It never becomes an
 * uncaught exception, which would end the process and everybody's sessions with it.
 */
export class Guard {
  readonly #warn: (error: Error) => void
  #faults = 0

  constructor(warn: (error: Error) => void) {
    this.#warn = warn
  }

  /** Number of errors so far. */
  get faults(): number {
    return this.#faults
  }

  /** Counts and tells what was thrown. */
  report(cause: unknown): void {
    this.#faults++
    this.#warn(
      new SttError('STT_CLOSED', 'something failed inside the node, which is a defect of STT: report the cause', {
        cause,
      }),
    )
  }

  /**
   * `callback`, as what is outside may call it: made once, then called for each packet.
   *
   * @param onFault ends what the call was about
   */
  wrap<A = void, B = void>(callback: (a: A, b: B) => void, onFault?: (cause: unknown) => void): (a: A, b: B) => void {
    return (a, b) => {
      try {
        callback(a, b)
      } catch (cause) {
        this.report(cause)
        onFault?.(cause)
      }
    }
  }
}
