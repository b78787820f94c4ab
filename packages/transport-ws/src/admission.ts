import { isIPv6 } from 'node:net'

/** Counts connections, together and by address, so that one address cannot take every place. spec: STT-WS-22 */
export class Admission {
  readonly #max: number
  readonly #maxPerAddress: number
  readonly #counts = new Map<string, number>()
  #total = 0

  constructor(max: number, maxPerAddress: number) {
    this.#max = max
    this.#maxPerAddress = maxPerAddress
  }

  /** Takes a place and gives the call that leaves it, once; or says which limit is reached. */
  enter(address: string): (() => void) | 'full' | 'address-full' {
    const key = addressGroup(address)
    const count = this.#counts.get(key) ?? 0
    if (this.#total >= this.#max) return 'full'
    if (count >= this.#maxPerAddress) return 'address-full'
    this.#total++
    this.#counts.set(key, count + 1)
    return () => this.#leave(key)
  }

  #leave(key: string): void {
    this.#total--
    const count = this.#counts.get(key)! - 1
    if (count === 0) this.#counts.delete(key)
    else this.#counts.set(key, count)
  }
}

/** Who an address is for a limit: an IPv4 address itself, also when mapped into IPv6; of IPv6 the /64 a customer gets. */
export function addressGroup(address: string): string {
  if (!isIPv6(address)) return address
  const [head = '', tail] = address.toLowerCase().split('%')[0]!.split('::') as [string, string?]
  const mapped = /^ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(tail ?? '')
  if (head === '' && mapped) return mapped[1]!
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const groups =
    tail === undefined ? before : [...before, ...Array(8 - before.length - after.length).fill('0'), ...after]
  return groups
    .slice(0, 4)
    .map(group => Number.parseInt(group, 16).toString(16))
    .join(':')
}
