import { addressPrefix } from '../addresses/address-prefix.ts'
import type { NodeStatistics } from '../api/node-statistics.ts'
import type { NodeLimits } from '../options/node-limits.ts'

/** A limit of sessions, by the name of its option. */
export type SessionLimit = keyof NodeStatistics['limited']

/** Counts the sessions that peers opened, by peer and by address prefix: none of them may take every place. */
export class SessionPlaces {
  readonly #byPeer = new Map<string, number>()
  readonly #byPrefix = new Map<string, number>()
  readonly #perPeer: number
  readonly #perPrefix: number

  constructor(limits: Pick<NodeLimits, 'sessionsPerPeer' | 'sessionsPerPrefix'>) {
    this.#perPeer = limits.sessionsPerPeer
    this.#perPrefix = limits.sessionsPerPrefix
  }

  /** Whether this peer has as many sessions as it may. */
  isPeerFull(id: Uint8Array): boolean {
    return (this.#byPeer.get(keyOf(id)) ?? 0) >= this.#perPeer
  }

  /** Whether there are as many from the prefix of this address as may be. */
  isPrefixFull(address: string): boolean {
    return (this.#byPrefix.get(addressPrefix(address)) ?? 0) >= this.#perPrefix
  }

  /** @returns what gives the place back, however often it is called */
  take(id: Uint8Array, address: string): () => void {
    const peer = keyOf(id)
    const prefix = addressPrefix(address)
    add(this.#byPeer, peer, 1)
    add(this.#byPrefix, prefix, 1)
    let isTaken = true
    return () => {
      if (!isTaken) return
      isTaken = false
      add(this.#byPeer, peer, -1)
      add(this.#byPrefix, prefix, -1)
    }
  }
}

/** Entries without a session take no memory. */
function add(counts: Map<string, number>, key: string, change: number): void {
  const count = (counts.get(key) ?? 0) + change
  if (count === 0) counts.delete(key)
  else counts.set(key, count)
}

const keyOf = (id: Uint8Array): string => String.fromCharCode(...id)
