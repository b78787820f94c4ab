import { openChunks, sealChunks } from '@stt/crypto'
import { isSttError } from '@stt/errors'
import { decode } from '@stt/serialize'
import { asCorrupt } from '../failures.ts'
import type { Keyring, SealedUnder } from '../keys/keyring.ts'
import { commitmentOf } from './commitment.ts'
import { encodeOperations, type Operation, readOperations } from './entry.ts'

/** The head of the log: its last record. */
export interface Head {
  /** The record's number. */
  readonly sequence: number
  /** The record's commitment, which no other record has. */
  readonly commitment: Uint8Array
}

/** Seals the record after `head`: bound to its number and to the record before it. */
// spec: STT-CHA-10
export function sealRecord(keyring: Keyring, head: Head, operations: readonly Operation[]): Uint8Array {
  return sealChunks(encodeOperations(operations), keyring.record(head.sequence + 1, head.commitment))
}

/**
 * The operations of the record after `head`; undefined for bytes that are not this record, whole.
 *
 * @throws STT_CHAMBER_CORRUPT for a genuine record that this version does not understand: dropping it would lose it
 */
export function openRecord(keyring: Keyring, head: Head, sealed: Uint8Array): Operation[] | undefined {
  const plaintext = openGenuine(keyring.record(head.sequence + 1, head.commitment), sealed)
  if (!plaintext) return undefined
  try {
    return readOperations(decode(plaintext, { canonical: true, copy: true, limits: { memory: MAX_RECORD } }))
  } catch (error) {
    throw asCorrupt('a record of the chamber is of no known form', error)
  }
}

function openGenuine(under: SealedUnder, sealed: Uint8Array): Uint8Array | undefined {
  try {
    return openChunks(sealed, under)
  } catch (error) {
    if (isSttError(error, 'STT_AUTHENTICATION') || isSttError(error, 'STT_TRUNCATED')) return undefined
    throw error
  }
}

export function headAfter(head: Head, sealed: Uint8Array): Head {
  return { sequence: head.sequence + 1, commitment: commitmentOf(sealed) }
}

export function recordName(sequence: number): string {
  return `${LOG_FOLDER}${sequence}`
}

export const LOG_FOLDER = 'log/'
/** Sealed bytes. */
export const MAX_RECORD: number = 4 * 1024 * 1024
