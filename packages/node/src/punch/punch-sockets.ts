import { PunchSocketSet, type PunchSocketSetConfig } from './punch-socket-set.ts'

/** The sockets of a node that holes are punched from: those that all sessions share, and a few more for single ones. */
export class PunchSockets {
  readonly #config: PunchSocketSetConfig
  readonly #additional = new Set<PunchSocketSet>()
  #users = 0
  readonly shared: PunchSocketSet

  constructor(config: PunchSocketSetConfig) {
    this.#config = config
    this.shared = new PunchSocketSet(config)
  }

  /** @returns what says that they are needed no more */
  use(): () => void {
    this.#users++
    let isUsed = true
    return () => {
      if (isUsed) this.#users--
      isUsed = false
      if (this.#users === 0) void this.shared.close()
    }
  }

  /** Other local ports, for one session: a NAT may have spoilt those before. Undefined where there are enough already. */
  openAdditional(): PunchSocketSet | undefined {
    if (this.#additional.size >= MOST_ADDITIONAL) return undefined
    const set = new PunchSocketSet(this.#config)
    this.#additional.add(set)
    return set
  }

  closeAdditional(set: PunchSocketSet): void {
    if (this.#additional.delete(set)) void set.close()
  }

  /** Closes all sockets, used or not. */
  async close(): Promise<void> {
    const all = [this.shared, ...this.#additional]
    this.#additional.clear()
    await Promise.all(all.map(set => set.close()))
  }
}

/** For each of them a socket or two. */
// spec: STT-PKT-66
const MOST_ADDITIONAL = 4
