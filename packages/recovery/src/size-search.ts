/**
 * Finds the largest datagram that a path carries by probing (RFC 8899). A probe is a packet of PING and PADDING that is
 * larger than any before it: its acknowledgement proves its size, and its loss is no sign of congestion.
 *
 * It tries the ceiling first, then halves the interval. A size that failed three times is too large. When every packet above
 * 1,200 bytes vanishes, the path is a black hole for such datagrams: the size falls back to 1,200, even below the base,
 * because the base was only an expectation.
 */
export class SizeSearch {
  /** The size to fall back to. */
  readonly #floor: number
  readonly #ceiling: number
  /** The largest size proved. */
  #size: number
  /** The smallest size that is known to fail. */
  #tooLarge: number
  #failures = 0
  /** Size of the probe in flight; 0 without one. */
  #inFlight = 0
  /** When the next probe may leave. */
  #restsUntil = 0
  #vanished = 0
  #firstVanishedAt = 0

  /**
   * @param base bytes of the first size
   * @param ceiling bytes of the largest size to look for; with `base`, the search begins only after a fall below it
   */
  constructor(base: number, ceiling: number) {
    this.#floor = Math.min(base, EVERY_PATH)
    this.#ceiling = Math.max(base, ceiling)
    this.#size = base
    this.#tooLarge = this.#ceiling + 1
  }

  /** Bytes that a datagram may have. */
  get size(): number {
    return this.#size
  }

  /** Bytes of the probe that is due now; 0 when none is. */
  // spec: STT-REC-31
  probeSize(now: number): number {
    if (this.#inFlight > 0 || now < this.#restsUntil) return 0
    if (this.#restsUntil > 0) {
      // The path may have become wider since.
      this.#restsUntil = 0
      this.#tooLarge = this.#ceiling + 1
    }
    if (this.#size >= this.#ceiling) return 0
    return this.#tooLarge > this.#ceiling ? this.#ceiling : Math.floor((this.#size + this.#tooLarge) / 2)
  }

  /** Whether a packet of this size is a probe. */
  isProbe(size: number): boolean {
    return size === this.#inFlight
  }

  onProbeSent(size: number): void {
    this.#inFlight = size
  }

  onProbeAcknowledged(now: number): void {
    this.#size = this.#inFlight
    this.#inFlight = 0
    this.#failures = 0
    this.#vanished = 0
    this.#restWhenFound(now)
  }

  // spec: STT-REC-32
  onProbeLost(now: number): void {
    const size = this.#inFlight
    this.#inFlight = 0
    if (++this.#failures < MAX_PROBES) return
    this.#failures = 0
    this.#tooLarge = size
    this.#restWhenFound(now)
  }

  /** An ordinary packet arrived. */
  onAcknowledged(size: number): void {
    if (size > this.#floor) this.#vanished = 0
  }

  /**
   * An ordinary packet was lost.
   *
   * @param minimumTime milliseconds that losses must span to be more than one congested moment
   * @returns whether the size fell back
   */
  // spec: STT-REC-33
  onLost(size: number, sentAt: number, minimumTime: number, now: number): boolean {
    if (size <= this.#floor || this.#size === this.#floor) return false
    if (this.#vanished++ === 0) this.#firstVanishedAt = sentAt
    if (this.#vanished < BLACK_HOLE_PACKETS || sentAt - this.#firstVanishedAt < minimumTime) return false
    return this.fallBack(now)
  }

  /**
   * Packets no longer arrive, and the size may be the cause.
   *
   * @returns whether the size fell back
   */
  // spec: STT-REC-33
  fallBack(now: number): boolean {
    if (this.#size === this.#floor) return false
    this.#size = this.#floor
    this.#vanished = 0
    this.#failures = 0
    this.#restsUntil = now + RETRY_AFTER_BLACK_HOLE
    return true
  }

  #restWhenFound(now: number): void {
    if (this.#tooLarge - this.#size <= PRECISION) this.#restsUntil = now + RAISE_AFTER
  }
}

/** Bytes that every path carries (RFC 8899's BASE_PLPMTU). */
const EVERY_PATH = 1_200
/** The search ends when the size is known this closely, in bytes. */
const PRECISION = 16
const MAX_PROBES = 3
/** RFC 8899's PMTU_RAISE_TIMER, in milliseconds. */
const RAISE_AFTER = 600_000
const BLACK_HOLE_PACKETS = 6
const RETRY_AFTER_BLACK_HOLE = 60_000
