/** Makes new inputs out of known ones, the same from the same seed. */
export class Mutator {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  next(corpus: readonly Uint8Array[]): Uint8Array {
    let input = this.#pick(corpus)
    for (let changes = 1 + this.#below(4); changes > 0; changes--) input = this.#change(input, corpus)
    return input
  }

  #change(input: Uint8Array, corpus: readonly Uint8Array[]): Uint8Array {
    const at = this.#below(input.length + 1)
    const copy = input.slice()
    switch (this.#below(6)) {
      case 0:
        copy[at] = copy[at]! ^ (1 << this.#below(8))
        return copy
      case 1:
        copy[at] = this.#pick(INTERESTING)
        return copy
      case 2:
        return input.slice(0, at)
      case 3:
        return Uint8Array.from([...input.subarray(0, at), this.#below(256), ...input.subarray(at)])
      case 4:
        return Uint8Array.from([...input.subarray(0, at), ...input.subarray(at + 1 + this.#below(4))])
      default:
        return Uint8Array.from([...input.subarray(0, at), ...this.#pick(corpus)]).subarray(0, MAX_LENGTH)
    }
  }

  #pick<T>(from: readonly T[]): T {
    return from[this.#below(from.length)]!
  }

  /** splitmix32. */
  #below(bound: number): number {
    this.#state = (this.#state + 0x9e3779b9) | 0
    let z = this.#state
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b)
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35)
    return ((z ^ (z >>> 16)) >>> 0) % bound
  }
}

/** Frame types, first bytes of varints of each size, and ends of ranges. */
const INTERESTING = [0, 1, 2, 3, 4, 5, 8, 9, 0x10, 0x11, 0x12, 0x13, 0x1a, 0x1b, 0x1c, 0x1e, 0x30, 0x3f, 0x40, 0x80, 0xc0, 0xc0, 0x20, 0x1f, 0xff] // biome-ignore format: one line
const MAX_LENGTH = 400
