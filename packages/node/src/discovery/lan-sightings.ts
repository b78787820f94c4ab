import { hostOf } from '../addresses/address-prefix.ts'

/**
 * At which addresses of the local network nodes said that they are, newest first. Who holds the seed can make up nodes there:
 * of one address so many are believed, so that others have room beside them.
 */
export class LanSightings {
  readonly #addresses = new Map<string, readonly string[]>()
  /** From which address of the network each was heard first, and how many were heard from each. */
  readonly #hosts = new Map<string, string>()
  readonly #counts = new Map<string, number>()

  /** Whether a node is believed to be where it says. @param addresses all of one host */
  // spec: STT-LAN-10
  believes(id: string, addresses: readonly string[]): boolean {
    return this.#addresses.has(id) || (this.#counts.get(hostOf(addresses[0] ?? '')) ?? 0) < MOST_AT_ONE_HOST
  }

  add(id: string, addresses: readonly string[]): void {
    const before = this.#addresses.get(id)
    const others = before?.filter(each => !addresses.includes(each)) ?? []
    this.#addresses.set(id, [...addresses, ...others].slice(0, MOST_ADDRESSES))
    if (before) return
    const host = hostOf(addresses[0] ?? '')
    this.#hosts.set(id, host)
    this.#counts.set(host, (this.#counts.get(host) ?? 0) + 1)
  }

  addressesOf(id: string): readonly string[] {
    return this.#addresses.get(id) ?? []
  }

  delete(id: string): void {
    const host = this.#hosts.get(id)
    if (host === undefined) return
    this.#addresses.delete(id)
    this.#hosts.delete(id)
    const left = this.#counts.get(host)! - 1
    if (left > 0) this.#counts.set(host, left)
    else this.#counts.delete(host)
  }
}

const MOST_ADDRESSES = 8
/** Far more than run on one machine; far less than a directory has room for. */
const MOST_AT_ONE_HOST = 64
