import { isSttError } from '@stt/errors'
import { MIN_IDLE_TIMEOUT, type PathTerms, type TransportLimits } from '@stt/frame'
import { decode, encodedSize, type Value } from '@stt/serialize'
import { pathsFault } from './path-terms.ts'

/** A decoded payload. Unknown keys are ignored: a later minor version may add one. spec: STT-HS-9 */
export type Dict = { readonly [key: string]: Value }

/** The payload as a dict; undefined when it is not exactly one canonical dict. spec: STT-HS-9 */
export function decodeDict(payload: Uint8Array): Dict | undefined {
  try {
    const value = decode(payload, { canonical: true, typed: false, copy: true })
    return isDict(value) ? value : undefined
  } catch (error) {
    if (isSttError(error, 'STT_DECODE')) return undefined
    throw error
  }
}

/** The entry as bytes of exactly `length`; undefined when missing or of another type or length. */
export function bytesField(dict: Dict, key: string, length?: number): Uint8Array | undefined {
  const value = field(dict, key)
  if (!(value instanceof Uint8Array)) return undefined
  return length === undefined || value.length === length ? value : undefined
}

/** The entry as an integer of 0 to `max`. */
export function countField(dict: Dict, key: string, max: number = Number.MAX_SAFE_INTEGER): number | undefined {
  const value = field(dict, key)
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= max ? value : undefined
}

/** The suites or versions that a side can run: 1 to 16 integers of 1 to `max`, ascending. spec: STT-HS-10 */
export function choicesField(dict: Dict, key: 'suites' | 'versions', max: number): readonly number[] | undefined {
  const value = field(dict, key)
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_CHOICES) return undefined
  let previous = 0
  for (const choice of value) {
    if (typeof choice !== 'number' || !Number.isInteger(choice) || choice <= previous || choice > max) return undefined
    previous = choice
  }
  return value as number[]
}

/** The sender's limits, every one of them. spec: STT-HS-11 */
export function limitsField(dict: Dict): TransportLimits | undefined {
  const value = field(dict, 'limits')
  if (!isDict(value)) return undefined
  const limits: Record<string, number> = {}
  for (const key of LIMIT_KEYS) {
    const limit = countField(value, key)
    if (limit === undefined || (key === 'idleTimeout' && limit < MIN_IDLE_TIMEOUT)) return undefined
    limits[key] = limit
  }
  return limits as unknown as TransportLimits
}

/** The terms on which the sender lets a session use links, every one of them. spec: STT-HS-47 */
export function pathsField(dict: Dict): PathTerms | undefined {
  const value = field(dict, 'paths')
  if (!isDict(value)) return undefined
  const paths = {
    version: field(value, 'v'),
    maxPaths: field(value, 'max'),
    punch: field(value, 'punch'),
    detached: field(value, 'detached'),
  }
  return pathsFault(paths) === undefined ? (paths as PathTerms) : undefined
}

/** The optional metadata, any value. */
export function metadataField(dict: Dict): Value | undefined {
  return field(dict, 'metadata')
}

/** Whether metadata is absent or short enough. spec: STT-HS-12 */
export function isMetadataShort(metadata: Value | undefined): boolean {
  return metadata === undefined || encodedSize(metadata) <= MAX_METADATA_LENGTH
}

/** A copy that holds the limits and nothing else, in the form that `limitsField` reads. */
export function limitsDict(limits: TransportLimits): { [key: string]: Value } {
  return Object.fromEntries(LIMIT_KEYS.map(key => [key, limits[key]]))
}

/** The same for what `pathsField` reads. */
export function pathsDict({ version, maxPaths, punch, detached }: PathTerms): { [key: string]: Value } {
  return { v: version, max: maxPaths, punch, detached }
}

function field(dict: Dict, key: string): Value | undefined {
  return Object.hasOwn(dict, key) ? dict[key] : undefined
}

function isDict(value: Value | undefined): value is Dict {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
}

export const MAX_METADATA_LENGTH = 512
export const LIMIT_KEYS: readonly (keyof TransportLimits)[] = [
  'idleTimeout',
  'maxData',
  'maxDatagram',
  'maxMessage',
  'maxStreamData',
  'maxStreamsBidi',
  'maxStreamsUni',
]

const MAX_CHOICES = 16
