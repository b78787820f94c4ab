import { Deadlines } from '../deadlines.ts'
import { TokenBucket } from '../token-bucket.ts'
import type { RelayLimits } from './relay-limits.ts'

/** What each address has of the relay: listeners, circuits that it dialed, connections to the registry. */
export class AddressShares {
  readonly #most: number
  readonly #rate: number
  readonly #shares = new Map<string, Share>()
  /** Addresses that have nothing any more, until their rate is forgotten. */
  readonly #idle = new Deadlines<string>(FORGET_AFTER)

  /** @param most held at once; `rate`: new ones a second */
  constructor(most: number, rate: number) {
    this.#most = most
    this.#rate = rate
  }

  /** Addresses of which anything is kept. */
  get size(): number {
    return this.#shares.size
  }

  get deadline(): number {
    return this.#idle.next
  }

  /**
   * Takes one, or says what it has too many of.
   *
   * @param address undefined where many share it: that is not counted
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

  leave(address: string | undefined, now: number): void {
    const share = address === undefined ? undefined : this.#shares.get(address)
    if (share && --share.held === 0) this.#idle.set(address!, now)
  }

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

/** Milliseconds: then the rate's bucket is full again, as a new one is. */
const FORGET_AFTER = 1_000
