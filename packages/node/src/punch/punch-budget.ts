import type { UsableCandidate } from './usable-candidates.ts'

/**
 * How many packets leave because peers named addresses: a round in two seconds for each peer, ten seconds between two for an
 * address that did not answer, and 200 packets a second of the whole node.
 */
// spec: STT-PKT-66
export class PunchBudget {
  /** By the peer's id, and by the address: when the last round was. */
  readonly #peers = new Map<string, number>()
  readonly #silent = new Map<string, number>()
  #tokens = PROBES_A_SECOND
  #tokensAt = Number.NEGATIVE_INFINITY

  /** Those of the targets that packets may go to now: each gets `PROBES_OF_A_TARGET` at most. */
  take(peer: string, targets: readonly UsableCandidate[], now: number): readonly UsableCandidate[] {
    if (now - (this.#peers.get(peer) ?? Number.NEGATIVE_INFINITY) < BETWEEN_ROUNDS) return []
    const elapsed = Math.max(0, now - this.#tokensAt)
    this.#tokens = Math.min(PROBES_A_SECOND, this.#tokens + (elapsed * PROBES_A_SECOND) / 1_000)
    this.#tokensAt = now
    const allowed = targets.filter(({ address }) => {
      const silentSince = this.#silent.get(address) ?? Number.NEGATIVE_INFINITY
      return now - silentSince >= SILENT_FOR
    })
    const affordable = allowed.slice(0, Math.floor(this.#tokens / PROBES_OF_A_TARGET))
    if (affordable.length === 0) return []
    this.#tokens -= affordable.length * PROBES_OF_A_TARGET
    remember(this.#peers, peer, now)
    for (const { address } of affordable) remember(this.#silent, address, now)
    return affordable
  }

  /** Somebody is at the address. */
  answered(address: string): void {
    this.#silent.delete(address)
  }
}

/** The oldest is forgotten where there are many. */
function remember(times: Map<string, number>, key: string, now: number): void {
  times.delete(key)
  times.set(key, now)
  if (times.size > MOST_REMEMBERED) times.delete(times.keys().next().value!)
}

/** Milliseconds. */
const BETWEEN_ROUNDS = 2_000
const SILENT_FOR = 10_000
const PROBES_A_SECOND = 200
const PROBES_OF_A_TARGET = 9
const MOST_REMEMBERED = 4_096
