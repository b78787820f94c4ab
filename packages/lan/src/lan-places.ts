import type { LanInterface } from './lan-interfaces.ts'

/** The next thing for the driver to do. */
export type PlaceOutput =
  /** Read the interfaces and call `look`. */
  | { readonly type: 'look' }
  /** Open a socket there and call `opened` or `failed`. Keep an open one until then. */
  | { readonly type: 'enter'; readonly key: string; readonly where: LanInterface }
  /** Close the socket there. */
  | { readonly type: 'leave'; readonly key: string }
  /** Report that the interface has failed for longer than one that is coming or going. */
  | { readonly type: 'problem'; readonly where: LanInterface; readonly cause: unknown }
  /** Poll again at this time. */
  | { readonly type: 'timeout'; readonly at: number }

/**
 * Decides on which addresses to use mDNS, and when to try a failed one again. No system reports every change of an interface: a
 * card that was away for a moment, or whose address is still tentative, stays listed while sending on it fails. Has no sockets
 * and no clock; times are in milliseconds.
 */
export class LanPlaces {
  readonly #places = new Map<string, Place>()
  readonly #outputs: PlaceOutput[] = []
  #lookAt = Number.NEGATIVE_INFINITY

  /** @param interfaces the present interfaces */
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

  /** The socket is open. @param isShared whether it shares the mDNS port; otherwise that is tried again later */
  opened(key: string, isShared: boolean, now: number): void {
    const place = this.#places.get(key)
    if (!place) return
    place.failures = 0
    place.failedAt = undefined
    place.tryAt = isShared ? Number.POSITIVE_INFINITY : now + SHARE_AGAIN
  }

  /** The socket could not be opened, or has failed. */
  // spec: STT-LAN-8
  failed(key: string, cause: unknown, now: number): void {
    const place = this.#places.get(key)
    if (!place) return
    place.failedAt ??= now
    place.tryAt = now + Math.min(FIRST_PAUSE * 2 ** place.failures++, LONGEST_PAUSE)
    if (now - place.failedAt >= PASSES_BY_ITSELF) this.#outputs.push({ type: 'problem', where: place.where, cause })
  }

  /** The network may have changed: looks and tries again at once. */
  changed(): void {
    this.#lookAt = Number.NEGATIVE_INFINITY
    for (const place of this.#places.values()) if (place.failures > 0) place.tryAt = Number.NEGATIVE_INFINITY
  }

  /** The next thing to do; call it until it answers a timeout. */
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
        // No further try until `opened` or `failed` is called.
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
  /** Number of failures in a row. */
  failures: number
  /** Time of the first of them. */
  failedAt: number | undefined
}

const keyOf = ({ name, address, prefixLength }: LanInterface): string => `${name} ${address}/${prefixLength}`

/** Milliseconds. */
const LOOK_INTERVAL = 2_000
const FIRST_PAUSE = 500
const LONGEST_PAUSE = 30_000
/** Longer than a new IPv6 address stays tentative. */
const PASSES_BY_ITSELF = 5_000
const SHARE_AGAIN = 60_000
