/*
 * Which calls under way wait for which. A call waits for the one before it of the same key, and, while its source is read,
 * for the calls that the source makes. In a circle of these, each would wait for ever.
 */

/** A store, a delete or the like that is under way. */
export class Call {
  /** Resolves when this call and all before it in its queue have ended, whether they failed or not. */
  ended: Promise<unknown> = Promise.resolve()
  hasEnded = false
  readonly owner: object
  /** The call of the same key that came before. */
  readonly #behind: Call | undefined
  /** The call within whose source this one was made. */
  readonly #within: Call | undefined
  readonly #inside = new Set<Call>()

  /** @param owner the queue that the call is in */
  constructor(owner: object, behind: Call | undefined) {
    this.owner = owner
    this.#behind = behind
    this.#within = Call.current()
  }

  /** The call whose source is being read here; undefined where there is none, or where the platform cannot tell. */
  static current(): Call | undefined {
    const call = context?.getStore()
    return call?.hasEnded ? undefined : call
  }

  /** Whether this is made within the source of a call of `owner`. */
  static isWithin(owner: object): boolean {
    for (let call = Call.current(); call; call = call.#within) if (call.owner === owner && !call.hasEnded) return true
    return false
  }

  /** Whether this call would wait for one that waits for it. */
  get isStuck(): boolean {
    const outer = new Set<Call>()
    for (let call = this.#within; call; call = call.#within) outer.add(call)
    const seen = new Set<Call>()
    const waiting = this.#behind ? [this.#behind] : []
    for (let call = waiting.pop(); call; call = waiting.pop()) {
      if (call.hasEnded || seen.has(call)) continue
      if (outer.has(call)) return true
      seen.add(call)
      waiting.push(...call.#inside)
      if (call.#behind) waiting.push(call.#behind)
    }
    return false
  }

  begin(ended: Promise<unknown>): void {
    const within = this.#within
    if (within) within.#inside.add(this)
    this.ended = ended.then(() => {
      this.hasEnded = true
      if (within) within.#inside.delete(this)
    })
  }

  /** Sources are read until `endReading`: only then are calls followed, which slows the whole process. */
  static beginReading(): void {
    reading++
  }

  static endReading(): void {
    if (--reading === 0) context?.disable()
  }

  /** Runs a step of this call's source, so that the calls it makes are known to be made within. */
  run<T>(step: () => T): T {
    return context ? context.run(this, step) : step()
  }
}

interface Context {
  getStore(): Call | undefined
  disable(): void
  run<T>(call: Call, step: () => T): T
}

/** Only Node and compatible runtimes have it. In a page a call that waits for itself ends by its signal. */
const context: Context | undefined = makeContext()

let reading = 0

function makeContext(): Context | undefined {
  const builtin = globalThis.process?.getBuiltinModule?.('node:async_hooks')
  return builtin && new builtin.AsyncLocalStorage<Call>()
}
