import { SttError } from '@stt/errors'
import { type Encodable, encode, type Value } from '@stt/serialize'
import { corrupt } from '../failures.ts'
import { COMMITMENT_LENGTH } from './commitment.ts'

/** A key and the object that it names now. */
export interface Entry {
  readonly key: string
  readonly generation: number
  /** Bytes of plaintext. */
  readonly size: number
  /** Milliseconds since 1970 of the first store under the key. */
  readonly createdAt: number
  /** Milliseconds since 1970 of this store. */
  readonly modifiedAt: number
  /** The commitment of the object's sealed bytes: no other object passes for it, not even an older one of the key. */
  readonly commitment: Uint8Array
  /** Encoded; undefined when there is none. */
  readonly metadata: Uint8Array | undefined
}

export type Operation =
  | { readonly type: 'put'; readonly entry: Entry }
  | { readonly type: 'delete'; readonly key: string }

// spec: STT-CHA-13
export function entryFields(entry: Entry): Encodable[] {
  const { key, generation, size, createdAt, modifiedAt, commitment, metadata } = entry
  return [key, generation, size, createdAt, modifiedAt, commitment, metadata ?? null]
}

/**
 * Refuses, before anything is written, an operation that could not be read again: it would make the log unreadable.
 *
 * @throws STT_INVALID_STATE
 */
// spec: STT-CHA-27
export function checkOperation(operation: Operation): void {
  try {
    readOperations([
      operation.type === 'put' ? [PUT, ...entryFields(operation.entry)] : [DELETE, operation.key],
    ] as Value)
  } catch (cause) {
    throw new SttError('STT_INVALID_STATE', 'the log could not be read again with this in it: nothing was written', {
      cause,
    })
  }
}

export function encodeOperations(operations: readonly Operation[]): Uint8Array {
  return encode(
    operations.map(operation =>
      operation.type === 'put' ? [PUT, ...entryFields(operation.entry)] : [DELETE, operation.key],
    ),
  )
}

/** @throws STT_CHAMBER_CORRUPT for anything that `encodeOperations` does not write */
export function readOperations(value: Value): Operation[] {
  if (!Array.isArray(value)) throw malformed()
  return value.map(operation => {
    if (!Array.isArray(operation)) throw malformed()
    const [type, ...fields] = operation
    if (type === PUT) return { type: 'put', entry: readEntry(fields) }
    const [key] = fields
    if (type === DELETE && fields.length === 1 && typeof key === 'string') return { type: 'delete', key }
    throw malformed()
  })
}

/** @throws STT_CHAMBER_CORRUPT for anything that `entryFields` does not give */
export function readEntry(value: Value): Entry {
  if (!Array.isArray(value) || value.length !== 7) throw malformed()
  const [key, generation, size, createdAt, modifiedAt, commitment, metadata] = value
  if (
    typeof key !== 'string' ||
    !isCount(generation) ||
    !isCount(size) ||
    !isCount(createdAt) ||
    !isCount(modifiedAt) ||
    !(commitment instanceof Uint8Array) ||
    commitment.length !== COMMITMENT_LENGTH ||
    !(metadata === null || metadata instanceof Uint8Array)
  ) {
    throw malformed()
  }
  return { key, generation, size, createdAt, modifiedAt, commitment, metadata: metadata ?? undefined }
}

export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

export function malformed(): Error {
  return corrupt('the log of the chamber holds what this version does not know')
}

const PUT = 1
const DELETE = 2
