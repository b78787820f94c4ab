import { isPairingName } from './pairing-name.ts'

/** The state of a pairing, without its secrets. */
export interface PairingState {
  readonly name: string
  /** Whether it was made on this machine; by default the other machine then dials. */
  readonly made: boolean
  readonly relays: readonly string[]
  /** Addresses at which the other machine was reached, or should be. */
  readonly addresses: readonly string[]
  /** Id of this machine, 64 hexadecimal digits. */
  readonly id: string
  /** Id of the other machine, once it is known; from then on only that machine may connect. */
  readonly peer?: string
  /** The other machine's name for the pairing, once it is known. */
  readonly there?: string
  /** Milliseconds since 1970. */
  readonly created: number
  readonly lastSeen?: number
  /** Whether its secrets are in the chamber, protected by the passphrase. */
  readonly passphrase: boolean
}

export function formatState(state: PairingState): string {
  return `${JSON.stringify({ version: 1, ...state }, undefined, 2)}\n`
}

/** Reads a state; undefined if `formatState` did not write it. */
export function parseState(name: string, text: string): PairingState | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  const { version, made, relays, addresses, id, peer, there, created, lastSeen, passphrase } = value as Record<
    string,
    unknown
  >
  const isRight =
    version === 1 &&
    typeof made === 'boolean' &&
    typeof passphrase === 'boolean' &&
    isTexts(relays) &&
    isTexts(addresses) &&
    isId(id) &&
    (peer === undefined || isId(peer)) &&
    (there === undefined || (typeof there === 'string' && isPairingName(there))) &&
    isTime(created) &&
    (lastSeen === undefined || isTime(lastSeen))
  if (!isRight) return undefined
  const known = { ...(peer !== undefined && { peer }), ...(lastSeen !== undefined && { lastSeen }) }
  return { name, made, relays, addresses, id, created, passphrase, ...known, ...(there !== undefined && { there }) }
}

const isId = (value: unknown): value is string => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)
const isTime = (value: unknown): value is number => Number.isSafeInteger(value)
const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every(each => typeof each === 'string')
