import { equalBytes } from '@stt/crypto'
import { collectUpTo } from '../bytes.ts'
import { corrupt } from '../failures.ts'
import type { Keyring } from '../keys/keyring.ts'
import { listNumbers } from '../store/numbers.ts'
import type { ScopedStore } from '../store/scoped-store.ts'
import { CHECKPOINT_FOLDER, checkpointName, readCheckpoint } from './checkpoint.ts'
import { mayBeLast, type Pointers, readPointers } from './head-pointer.ts'
import type { KeyIndex } from './key-index.ts'
import { type Head, headAfter, LOG_FOLDER, MAX_RECORD, openRecord, recordName } from './record.ts'

/** The state of the newest checkpoint and the records after it. */
export interface Manifest {
  index: KeyIndex
  head: Head
  /** The number of the checkpoint, and how many keys it has. */
  checkpoint: number
  checkpointKeys: number
  /** Operations in the records after it. */
  tail: number
}

export interface Loaded extends Manifest {
  readonly pointers: Pointers
  /** Names of the log that are no longer needed. */
  readonly stale: readonly string[]
  /** A last record that was not whole. */
  readonly torn: string | undefined
}

/**
 * Reads the newest checkpoint and the log after it.
 *
 * @param anchor the least head of the log, as known outside of the store
 * @throws STT_CHAMBER_CORRUPT for any damage but a torn last record
 */
export async function loadManifest(store: ScopedStore, keyring: Keyring, anchor?: Head): Promise<Loaded> {
  // Head pointers first: a writer beside this reader can then only make the log longer than they say.
  const pointers = await readPointers(store, keyring)
  const records = await listNumbers(store, LOG_FOLDER)
  const checkpoints = await listNumbers(store, CHECKPOINT_FOLDER)
  const checkpoint = checkpoints.at(-1)
  if (checkpoint === undefined) throw corrupt('the checkpoint of the chamber is gone')
  const { head, index } = await readCheckpoint(store, keyring, checkpoint)
  const manifest: Manifest = { index, head, checkpoint, checkpointKeys: index.size, tail: 0 }
  checkAnchor(head, anchor)
  checkPointer(head, pointers.head)
  const live = records.filter(sequence => sequence > checkpoint)
  let torn: string | undefined
  for (const [position, sequence] of live.entries()) {
    const advanced = await advance(store, keyring, manifest)
    // spec: STT-CHA-11
    if (advanced === 'absent') throw corrupt('a record of the chamber is gone')
    if (advanced === 'bad') {
      // spec: STT-CHA-12
      const wasWhole = position < live.length - 1 || sequence <= pointers.reached
      if (wasWhole) throw corrupt('a record of the chamber was changed')
      torn = recordName(sequence)
    }
    checkAnchor(manifest.head, anchor)
    checkPointer(manifest.head, pointers.head)
  }
  // spec: STT-CHA-23
  const last = live.at(-1) ?? checkpoint
  if (last < pointers.reached) throw corrupt('the last records of the chamber are gone')
  const isAhead = last > pointers.head.sequence + 1 && !(await mayBeLast(store, last))
  if (isAhead || pointers.head.sequence < checkpoint) throw corrupt('the head pointer of the chamber is an old one')
  if (anchor && manifest.head.sequence < anchor.sequence) throw rolledBack()
  const stale = [
    ...records.filter(sequence => sequence <= checkpoint).map(recordName),
    ...checkpoints.slice(0, -1).map(checkpointName),
  ]
  return { ...manifest, pointers, stale: [...stale, ...pointers.stale], torn }
}

/** Reads the record after the head and applies it, whole or not at all. */
export async function advance(
  store: ScopedStore,
  keyring: Keyring,
  manifest: Manifest,
): Promise<'applied' | 'absent' | 'bad'> {
  const { head, index } = manifest
  const source = await store.get(recordName(head.sequence + 1), { start: 0, end: MAX_RECORD + 1 })
  if (!source) return 'absent'
  const sealed = await collectUpTo(source, MAX_RECORD)
  const operations = sealed && openRecord(keyring, head, sealed)
  if (!operations) return 'bad'
  for (const operation of operations) index.apply(operation)
  manifest.head = headAfter(head, sealed)
  manifest.tail += operations.length
  return 'applied'
}

/** The number of the newest checkpoint. */
export async function newestCheckpoint(store: ScopedStore): Promise<number | undefined> {
  return (await listNumbers(store, CHECKPOINT_FOLDER)).at(-1)
}

// spec: STT-CHA-15
function checkAnchor(head: Head, anchor: Head | undefined): void {
  if (anchor?.sequence !== head.sequence) return
  if (!equalBytes(head.commitment, anchor.commitment)) throw rolledBack()
}

function checkPointer(head: Head, pointer: Head): void {
  if (pointer.sequence !== head.sequence || equalBytes(head.commitment, pointer.commitment)) return
  throw corrupt('the log of the chamber is not the one that its head pointer names')
}

export function rolledBack(): Error {
  return corrupt('the chamber is older than its anchor says: an old copy was put in its place')
}
