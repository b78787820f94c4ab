import { isPairingName } from './pairing-name.ts'

/** What is kept of a pairing beside its secrets. */
export interface PairingState {
  readonly name: string
  /** Whether it was made on this machine: where nothing else says who dials, the other one does. */
  readonly made: boolean
  readonly relays: readonly string[]
  /** Where the other machine was reached, or is said to be. */
  readonly addresses: readonly string[]
  /** Id of this machine, 64 hexadecimal digits. */
  readonly id: string
  /** Id of the other machine, from when that is known: nobody else is let in then. */
  readonly peer?: string
  /** What the other machine calls the pairing, from when that is known. */
  readonly there?: string
  /** Milliseconds since 1970. */
  readonly created: number
  readonly lastSeen?: number
  /** Whether its secrets are in the chamber, under the passphrase. */
  readonly passphrase: boolean
}

export function formatState(state: PairingState): string {
  return `${JSON.stringify({ version: 1, ...state }, undefined, 2)}\n`
}

/** Undefined for what `formatState` did not write. */
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
