import type { LanInterface } from './lan-interfaces.ts'

export type PlaceOutput =
  /** Reads which interfaces there are, for `look`. */
  | { readonly type: 'look' }
  /** Opens a socket there, for `opened` or `failed`. One that is open already is kept until then. */
  | { readonly type: 'enter'; readonly key: string; readonly where: LanInterface }
  | { readonly type: 'leave'; readonly key: string }
  /** It has not worked for longer than an interface takes that comes or goes. */
  | { readonly type: 'problem'; readonly where: LanInterface; readonly cause: unknown }
  | { readonly type: 'timeout'; readonly at: number }

/**
 * Says on which addresses mDNS is to be spoken, and when one that failed is tried again. No system tells programs of all
 * that befalls an interface: a card that was away for a moment, or has an address that it may not use yet, is there all the
 * while, and what is sent by it fails. Without sockets and clock; times are milliseconds.
 */
export class LanPlaces {
  readonly #places = new Map<string, Place>()
  readonly #outputs: PlaceOutput[] = []
  #lookAt = Number.NEGATIVE_INFINITY

  /** @param interfaces those that there are now */
  look(interfaces: readonly LanInterface[]): void {
    const now = new Map(interfaces.map(where => [keyOf(where), where]))
    for (const key of [...this.#places.keys()]) {
      if (now.has(key)) continue
      this.#places.delete(key)
      this.#outputs.push({ type: 'leave', key })
    }
    for (const [key, where] of now) {
      if (!this.#places.has(key))
        this.#places.set(key, { where, tryAt: Number.NEGATIVE_INFINITY, failures: 0, failedAt: undefined })
    }
  }

  /** Whether a socket that was asked for is still wanted. */
  has(key: string): boolean {
    return this.#places.has(key)
  }

  /** @param isShared whether it has the port of mDNS; where it has not, it is asked for again */
  opened(key: string, isShared: boolean, now: number): void {
    const place = this.#places.get(key)
    if (!place) return
    place.failures = 0
    place.failedAt = undefined
    place.tryAt = isShared ? Number.POSITIVE_INFINITY : now + SHARE_AGAIN
  }

  // spec: STT-LAN-8
  failed(key: string, cause: unknown, now: number): void {
    const place = this.#places.get(key)
    if (!place) return
    place.failedAt ??= now
    place.tryAt = now + Math.min(FIRST_PAUSE * 2 ** place.failures++, LONGEST_PAUSE)
    if (now - place.failedAt >= PASSES_BY_ITSELF) this.#outputs.push({ type: 'problem', where: place.where, cause })
  }

  /** The network may be another one: nothing is waited for. */
  changed(): void {
    this.#lookAt = Number.NEGATIVE_INFINITY
    for (const place of this.#places.values()) if (place.failures > 0) place.tryAt = Number.NEGATIVE_INFINITY
  }

  poll(now: number): PlaceOutput {
    const output = this.#outputs.shift()
    if (output) return output
    if (now >= this.#lookAt) {
      this.#lookAt = now + LOOK_INTERVAL
      return { type: 'look' }
    }
    let at = this.#lookAt
    for (const [key, place] of this.#places) {
      if (now >= place.tryAt) {
        // Until it is told what came of it.
        place.tryAt = Number.POSITIVE_INFINITY
        return { type: 'enter', key, where: place.where }
      }
      at = Math.min(at, place.tryAt)
    }
    return { type: 'timeout', at }
  }
}

interface Place {
  readonly where: LanInterface
  tryAt: number
  /** In a row. */
  failures: number
  /** When the first of them was. */
  failedAt: number | undefined
}

const keyOf = ({ name, address, prefixLength }: LanInterface): string => `${name} ${address}/${prefixLength}`

/** Milliseconds. */
const LOOK_INTERVAL = 2_000
const FIRST_PAUSE = 500
const LONGEST_PAUSE = 30_000
/** How long a new IPv6 address may not be used, and then some. */
const PASSES_BY_ITSELF = 5_000
const SHARE_AGAIN = 60_000
