import { openChunks, sealChunks } from '@stt/crypto'
import { isSttError } from '@stt/errors'
import { collectUpTo } from '../bytes.ts'
import { corrupt } from '../failures.ts'
import type { Keyring } from '../keys/keyring.ts'
import { listNumbers } from '../store/numbers.ts'
import type { ScopedStore } from '../store/scoped-store.ts'
import { COMMITMENT_LENGTH } from './commitment.ts'
import type { Head } from './record.ts'

/*
 * A head pointer says how far the log goes. It is written after each record, and then the one before it is deleted, so that
 * one always exists. It distinguishes a log whose last records were cut off from one that never had them, and a changed last
 * record from an unfinished one.
 */

/** The head pointers of a store. */
export interface Pointers {
  /** The newest whole pointer. */
  readonly head: Head
  /** The highest number, even of a pointer that is not whole: the log went that far. */
  readonly reached: number
  /** The newest pointer if it is not whole: a writer ended while writing it. */
  readonly torn: string | undefined
  /** The replaced pointers. */
  readonly stale: readonly string[]
}

/** @throws STT_CHAMBER_CORRUPT when none is whole */
export async function readPointers(store: ScopedStore, keyring: Keyring): Promise<Pointers> {
  for (let tries = 1; ; tries++) {
    const numbers = await listPointers(store)
    const reached = numbers.at(-1)!
    const before = numbers.at(-2)
    let torn: string | undefined
    let head = await readPointer(store, keyring, reached)
    // Only the newest may be unfinished; the one before it is deleted after it is whole.
    if (head === 'bad' && before === reached - 1) {
      torn = pointerName(reached)
      head = await readPointer(store, keyring, before)
    }
    if (head === 'bad') throw corrupt('the head pointer of the chamber was changed')
    if (head !== 'absent') {
      const { sequence } = head
      return { head, reached, torn, stale: numbers.filter(number => number < sequence).map(pointerName) }
    }
    // Beside a writer it may be replaced between being listed and being read.
    if (tries === TRIES) throw gone()
  }
}

/** The number of the newest head pointer, whole or not. @throws STT_CHAMBER_CORRUPT when there is none */
export async function newestPointer(store: ScopedStore): Promise<number> {
  return (await listPointers(store)).at(-1)!
}

/** Whether a record of this number may be the last: it is at most one ahead of the head pointer. */
export async function mayBeLast(store: ScopedStore, sequence: number): Promise<boolean> {
  for (let tries = 1; tries <= TRIES; tries++) if (sequence <= (await newestPointer(store)) + 1) return true
  return false
}

// spec: STT-CHA-22
export function sealPointer(keyring: Keyring, { sequence, commitment }: Head): Uint8Array<ArrayBuffer> {
  return sealChunks(commitment, keyring.head(sequence))
}

export function pointerName(sequence: number): string {
  return `${POINTER_FOLDER}${sequence}`
}

/** A listing beside a writer may miss both a new name and the old one that was deleted meanwhile, so it is repeated. */
async function listPointers(store: ScopedStore): Promise<number[]> {
  for (let tries = 1; tries <= TRIES; tries++) {
    const numbers = await listNumbers(store, POINTER_FOLDER)
    if (numbers.length > 0) return numbers
  }
  throw gone()
}

async function readPointer(store: ScopedStore, keyring: Keyring, sequence: number): Promise<Head | 'bad' | 'absent'> {
  const source = await store.get(pointerName(sequence))
  if (!source) return 'absent'
  const sealed = await collectUpTo(source, MAX_POINTER)
  const commitment = sealed && openPointer(keyring, sequence, sealed)
  return commitment ? { sequence, commitment } : 'bad'
}

function openPointer(keyring: Keyring, sequence: number, sealed: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  try {
    const commitment = openChunks(sealed, keyring.head(sequence))
    return commitment.length === COMMITMENT_LENGTH ? commitment : undefined
  } catch (error) {
    if (isSttError(error, 'STT_AUTHENTICATION') || isSttError(error, 'STT_TRUNCATED')) return undefined
    throw error
  }
}

function gone(): Error {
  return corrupt('the head pointer of the chamber is gone')
}

const POINTER_FOLDER = 'head/'
const MAX_POINTER = 256
const TRIES = 8
