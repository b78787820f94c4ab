/** Where a session may not go back to for a while, longer each time: a path that fails again and again is not tried by data. */
// spec: STT-PKT-54
export class Penalties {
  readonly #of = new Map<string, { readonly delay: number; readonly until: number }>()

  /** @param remote address of a path that carried nothing any more */
  add(remote: string, now: number): void {
    const delay = Math.min((this.#of.get(remote)?.delay ?? FIRST / 2) * 2, LONGEST)
    this.#of.delete(remote)
    this.#of.set(remote, { delay, until: now + delay })
    if (this.#of.size <= MOST) return
    const [oldest] = this.#of.keys()
    this.#of.delete(oldest!)
  }

  /** When the session may go there, in milliseconds; in the past where nothing is held against it. */
  until(remote: string): number {
    return this.#of.get(remote)?.until ?? Number.NEGATIVE_INFINITY
  }
}

const FIRST = 10_000
const LONGEST = 300_000
const MOST = 16
