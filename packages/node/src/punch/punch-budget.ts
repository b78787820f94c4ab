import type { UsableCandidate } from './usable-candidates.ts'

/**
 * How many packets leave because peers named addresses: a round in two seconds for each peer, two rounds in ten seconds to an
 * address that did not answer, and 200 packets a second of the whole node.
 */
// spec: STT-PKT-66
export class PunchBudget {
  /** By the peer's id: when the last round was. */
  readonly #peers = new Map<string, number>()
  /** By the address: when the last two rounds were that went there without an answer, the older one first. */
  readonly #silent = new Map<string, readonly [number, number]>()
  #tokens = PROBES_A_SECOND
  #tokensAt = Number.NEGATIVE_INFINITY

  /** Those of the targets that packets may go to now: each gets `PROBES_OF_A_TARGET` at most. */
  take(peer: string, targets: readonly UsableCandidate[], now: number): readonly UsableCandidate[] {
    if (now - (this.#peers.get(peer) ?? Number.NEGATIVE_INFINITY) < BETWEEN_ROUNDS) return []
    this.#refill(now)
    const allowed = targets.filter(({ address }) => now - this.#roundsTo(address)[0] >= SILENT_FOR)
    const affordable = allowed.slice(0, Math.floor(this.#tokens / PROBES_OF_A_TARGET))
    if (affordable.length === 0) return []
    this.#tokens -= affordable.length * PROBES_OF_A_TARGET
    remember(this.#peers, peer, now)
    // The second begins at another port, where the first was spoilt.
    for (const address of new Set(affordable.map(each => each.address))) {
      remember(this.#silent, address, [this.#roundsTo(address)[1], now])
    }
    return affordable
  }

  /** Whether packets may go to one more address that no peer named. */
  admit(now: number): boolean {
    this.#refill(now)
    if (this.#tokens < PROBES_OF_A_TARGET) return false
    this.#tokens -= PROBES_OF_A_TARGET
    return true
  }

  /** Somebody is at the address. */
  answered(address: string): void {
    this.#silent.delete(address)
  }

  #refill(now: number): void {
    const elapsed = Math.max(0, now - this.#tokensAt)
    this.#tokens = Math.min(PROBES_A_SECOND, this.#tokens + (elapsed * PROBES_A_SECOND) / 1_000)
    this.#tokensAt = now
  }

  #roundsTo(address: string): readonly [number, number] {
    return this.#silent.get(address) ?? NONE
  }
}

/** The oldest is forgotten where there are many. */
function remember<T>(known: Map<string, T>, key: string, value: T): void {
  known.delete(key)
  known.set(key, value)
  if (known.size > MOST_REMEMBERED) known.delete(known.keys().next().value!)
}

/** Milliseconds. */
const BETWEEN_ROUNDS = 2_000
const SILENT_FOR = 10_000
const NONE = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY] as const
const PROBES_A_SECOND = 200
const PROBES_OF_A_TARGET = 9
const MOST_REMEMBERED = 4_096
