import { Deadlines } from '../deadlines.ts'
import { TokenBucket } from '../token-bucket.ts'
import type { RelayLimits } from './relay-limits.ts'

/** Counts one kind of thing by address: listeners, dialed circuits, or connections to the registry. */
export class AddressShares {
  readonly #most: number
  readonly #rate: number
  readonly #shares = new Map<string, Share>()
  /** Addresses that hold none now, until their rate is forgotten. */
  readonly #idle = new Deadlines<string>(FORGET_AFTER)

  /**
   * @param most how many an address may hold at once
   * @param rate how many new ones an address may have in a second
   */
  constructor(most: number, rate: number) {
    this.#most = most
    this.#rate = rate
  }

  /** Number of addresses in memory. */
  get size(): number {
    return this.#shares.size
  }

  /** When to call `onTime`, in milliseconds. */
  get deadline(): number {
    return this.#idle.next
  }

  /**
   * Counts one more for an address.
   *
   * @param address undefined if many clients share it: then it is not counted
   * @returns the reason if the address has too many
   */
  // spec: STT-RLY-16
  enter(address: string | undefined, now: number): 'full' | 'rate' | undefined {
    if (address === undefined) return undefined
    const share = this.#shares.get(address) ?? this.#add(address, now)
    if (share.held >= this.#most) return 'full'
    if (!share.bucket.take(now)) return 'rate'
    share.held++
    this.#idle.delete(address)
    return undefined
  }

  /** Counts one less. */
  leave(address: string | undefined, now: number): void {
    const share = address === undefined ? undefined : this.#shares.get(address)
    if (share && --share.held === 0) this.#idle.set(address!, now)
  }

  /** Forgets the rates of idle addresses. */
  onTime(now: number): void {
    for (let address = this.#idle.takeDue(now); address !== undefined; address = this.#idle.takeDue(now)) {
      this.#shares.delete(address)
    }
  }

  #add(address: string, now: number): Share {
    const share = { held: 0, bucket: new TokenBucket(this.#rate, this.#rate, now) }
    this.#shares.set(address, share)
    this.#idle.set(address, now)
    return share
  }
}

interface Share {
  held: number
  readonly bucket: TokenBucket
}

export const listenerShares = ({ listenersPerAddress, listenersPerSecond }: RelayLimits): AddressShares =>
  new AddressShares(listenersPerAddress, listenersPerSecond)

export const circuitShares = ({ circuitsPerAddress, dialsPerSecond }: RelayLimits): AddressShares =>
  new AddressShares(circuitsPerAddress, dialsPerSecond)

export const registryShares = ({ registryClientsPerAddress, registryClientsPerSecond }: RelayLimits): AddressShares =>
  new AddressShares(registryClientsPerAddress, registryClientsPerSecond)

/** Milliseconds. After that the bucket of the rate is full again, like a new one. */
const FORGET_AFTER = 1_000
