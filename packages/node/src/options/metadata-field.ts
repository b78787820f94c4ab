import { checkType, describe, SttError } from '@stt/errors'
import type { Value } from '@stt/serialize'

/** What an entry of metadata can be, by name. */
export interface MetadataTypes {
  readonly string: string
  readonly number: number
  readonly bigint: bigint
  readonly boolean: boolean
  readonly bytes: Uint8Array
  readonly list: readonly Value[]
  readonly dictionary: { readonly [key: string]: Value }
}

/**
 * One entry of what a peer says of itself, if it says such a thing: nobody vouches for its form, so it is looked at
 * and not believed. `metadataField(session.peer, 'name', 'string')`.
 *
 * @param from a `session.peer`, or what `authorize` is asked about
 * @throws SttError `STT_INVALID_ARGUMENT` for a type that no entry has, and for what has no metadata at all
 * @returns undefined where the metadata are no dictionary, or the entry is missing or of another type
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
