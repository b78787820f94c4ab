import { CloseCode, ProtocolError } from '@stt/frame'

/** Counts the memory that the receive buffers of a session hold. */
export class ReceiveMemory {
  readonly #maxGaps: number
  #held = 0
  #overhead = 0
  #gaps = 0

  /** @param maxGaps gaps between the bytes that arrived, on all streams together */
  constructor(maxGaps: number) {
    this.#maxGaps = maxGaps
  }

  /** Bytes held. */
  get held(): number {
    return this.#held
  }

  /** Whether the buffers should hold no more memory than the bytes that the peer may send. */
  // spec: STT-STR-28
  get isTight(): boolean {
    return this.#overhead > MAX_OVERHEAD
  }

  /** A buffer holds this much more, or less. */
  change(held: number, overhead: number, gaps: number): void {
    this.#held += held
    this.#overhead += overhead
    this.#gaps += gaps
  }

  /** @throws ProtocolError `GapLimit` */
  // spec: STT-STR-10
  checkGaps(): void {
    if (this.#gaps > this.#maxGaps)
      throw new ProtocolError(CloseCode.GapLimit, `the peer left more than ${this.#maxGaps} gaps in its streams`, {
        rule: 'session-gap-limit',
      })
  }
}

/** Bytes of overhead above which buffers are tight. */
const MAX_OVERHEAD = 512 * 1024
