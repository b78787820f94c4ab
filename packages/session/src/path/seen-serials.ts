/** Remembers which serial numbers were used: the newest 32 exactly, and all older ones as used. */
export class SeenSerials {
  #highest = 0
  /** Bit n: `#highest - n` was used. */
  #mask = 0

  /** @returns whether the number is new */
  add(serial: number): boolean {
    const age = this.#highest - serial
    if (age >= 32) return false
    if (age < 0) {
      this.#mask = age > -32 ? this.#mask << -age : 0
      this.#highest = serial
    }
    const bit = 1 << Math.max(age, 0)
    if (this.#mask & bit) return false
    this.#mask |= bit
    return true
  }
}
