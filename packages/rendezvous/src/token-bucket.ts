/** Limits a rate: so many tokens a second, and so many at once. */
export class TokenBucket {
  readonly #rate: number
  readonly #burst: number
  #tokens: number
  #at: number

  /**
   * @param rate tokens a second
   * @param burst the most that can be saved up; a new bucket is full
   * @param now milliseconds
   */
  constructor(rate: number, burst: number, now: number) {
    this.#rate = rate
    this.#burst = burst
    this.#tokens = burst
    this.#at = now
  }

  /** Takes one token. @returns whether there was one */
  take(now: number): boolean {
    this.#refill(now)
    if (this.#tokens < 1) return false
    this.#tokens--
    return true
  }

  /** Takes `amount` tokens in advance if need be. @returns milliseconds until they are paid back */
  spend(amount: number, now: number): number {
    this.#refill(now)
    this.#tokens -= amount
    return this.#tokens >= 0 ? 0 : Math.ceil((-this.#tokens * 1_000) / this.#rate)
  }

  #refill(now: number): void {
    if (now <= this.#at) return
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#at) * this.#rate) / 1_000)
    this.#at = now
  }
}
