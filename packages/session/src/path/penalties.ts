/** Addresses that a session stays away from for a while, longer each time: paths that failed are not tried out with data. */
// spec: STT-PKT-54
export class Penalties {
  readonly #of = new Map<string, { readonly delay: number; readonly until: number }>()

  /** @param remote address of a path that was left as dead */
  add(remote: string, now: number): void {
    const delay = Math.min((this.#of.get(remote)?.delay ?? FIRST / 2) * 2, LONGEST)
    this.#of.delete(remote)
    this.#of.set(remote, { delay, until: now + delay })
    if (this.#of.size <= MOST) return
    const [oldest] = this.#of.keys()
    this.#of.delete(oldest!)
  }

  /** When the session may move there, in milliseconds; in the past if there is no penalty. */
  until(remote: string): number {
    return this.#of.get(remote)?.until ?? Number.NEGATIVE_INFINITY
  }
}

const FIRST = 10_000
const LONGEST = 300_000
const MOST = 16
