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
 * @returns undefined where the metadata are no dictionary, or the entry is missing or of another type
 */
export function metadataField<K extends keyof MetadataTypes>(
  { metadata }: { readonly metadata: Value | undefined },
  name: string,
  type: K,
): MetadataTypes[K] | undefined {
  if (metadata === undefined || typeOf(metadata) !== 'dictionary') return undefined
  const entries = metadata as { readonly [key: string]: Value }
  const entry = Object.hasOwn(entries, name) ? entries[name] : undefined
  return entry !== undefined && typeOf(entry) === type ? (entry as MetadataTypes[K]) : undefined
}

function typeOf(value: Value): keyof MetadataTypes | undefined {
  if (value === null) return undefined
  if (typeof value !== 'object') return typeof value as 'string' | 'number' | 'bigint' | 'boolean'
  if (value instanceof Uint8Array) return 'bytes'
  return Array.isArray(value) ? 'list' : 'dictionary'
}
