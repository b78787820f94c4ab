import { openChunks, sealChunks } from '@stt/crypto'
import { decode } from '@stt/serialize'
import type { Keyring } from '../keys/keyring.ts'
import { commitmentOf } from './commitment.ts'
import { encodeOperations, type Operation, readOperations } from './entry.ts'

/** Where the log stands: the number and the commitment of its last record. */
export interface Head {
  readonly sequence: number
  readonly commitment: Uint8Array
}

/** Seals the record after `head`: bound to its number and to the record before it. */
// spec: STT-CHA-10
export function sealRecord(keyring: Keyring, head: Head, operations: readonly Operation[]): Uint8Array {
  return sealChunks(encodeOperations(operations), keyring.record(head.sequence + 1, head.commitment))
}

/** @throws STT_AUTHENTICATION or STT_TRUNCATED for bytes that are not the record after `head`, whole */
export function openRecord(keyring: Keyring, head: Head, sealed: Uint8Array): Operation[] {
  const plaintext = openChunks(sealed, keyring.record(head.sequence + 1, head.commitment))
  return readOperations(decode(plaintext, { copy: true, limits: { memory: MAX_RECORD } }))
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
