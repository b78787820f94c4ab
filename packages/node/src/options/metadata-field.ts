import { checkType, describe, SttError } from '@stt/errors'
import type { Value } from '@stt/serialize'

/** The types that an entry of metadata can have, by the names that `metadataField` takes. */
export interface MetadataTypes {
  /** Text. */
  readonly string: string
  /** A number. */
  readonly number: number
  /** An integer of any size. */
  readonly bigint: bigint
  /** `true` or `false`. */
  readonly boolean: boolean
  /** Bytes. */
  readonly bytes: Uint8Array
  /** A list of values of any type. */
  readonly list: readonly Value[]
  /** Entries of their own, by name. */
  readonly dictionary: { readonly [key: string]: Value }
}

/**
 * Reads one entry of a peer's metadata, if it has the type that is asked for. Only the peer vouches for its metadata, so their form
 * is checked here.
 *
 * @example
 * const name = metadataField(session.peer, 'name', 'string') ?? 'a peer'
 *
 * @param from a `session.peer`, or what `authorize` is asked about
 * @throws SttError `STT_INVALID_ARGUMENT` for a type that no entry has, and for what has no metadata at all
 * @returns undefined when the metadata are not a dictionary, or the entry is missing or has another type
 */
export function metadataField<K extends keyof MetadataTypes>(
  from: { readonly metadata: Value | undefined },
  name: string,
  type: K,
): MetadataTypes[K] | undefined {
  if (typeof from !== 'object' || from === null) {
    throw new SttError('STT_INVALID_ARGUMENT', `metadataField reads a session.peer, not ${describe(from)}`)
  }
  checkType(name, 'the name of an entry', 'string')
  if (!TYPES.includes(type)) {
    throw new SttError('STT_INVALID_ARGUMENT', `an entry is of type ${TYPES.join(', ')}, not ${describe(type)}`)
  }
  const { metadata } = from
  if (metadata === undefined || typeOf(metadata) !== 'dictionary') return undefined
  const entries = metadata as { readonly [key: string]: Value }
  const entry = Object.hasOwn(entries, name) ? entries[name] : undefined
  return entry !== undefined && typeOf(entry) === type ? (entry as MetadataTypes[K]) : undefined
}

const TYPES: readonly (keyof MetadataTypes)[] = ['string', 'number', 'bigint', 'boolean', 'bytes', 'list', 'dictionary']

function typeOf(value: Value): keyof MetadataTypes | undefined {
  if (value === null) return undefined
  if (typeof value !== 'object') return typeof value as 'string' | 'number' | 'bigint' | 'boolean'
  if (value instanceof Uint8Array) return 'bytes'
  return Array.isArray(value) ? 'list' : 'dictionary'
}
