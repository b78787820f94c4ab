import { ChunkSealer } from '@stt/crypto'
import { decodeStream, encode, type Value } from '@stt/serialize'
import { asCorrupt, corrupt } from '../failures.ts'
import type { Keyring } from '../keys/keyring.ts'
import { openSealed } from '../objects/open-sealed.ts'
import type { ScopedStore } from '../store/scoped-store.ts'
import { COMMITMENT_LENGTH } from './commitment.ts'
import { type Entry, entryFields, isCount, malformed, readEntry } from './entry.ts'
import { KeyIndex } from './key-index.ts'
import type { Head } from './record.ts'

/** A checkpoint: the state that the log describes up to `head`. */
export interface Checkpoint {
  readonly head: Head
  readonly floor: number
  readonly entries: readonly Entry[]
}

/** The sealed bytes of a checkpoint, made as they are asked for. */
// spec: STT-CHA-14
export async function* sealCheckpoint(
  keyring: Keyring,
  { head, floor, entries }: Checkpoint,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  const sealer = new ChunkSealer(keyring.checkpoint(head.sequence))
  try {
    yield sealer.header
    yield sealer.update(encode([VERSION, head.commitment, floor, entries.length]))
    for (const entry of entries) {
      const sealed = sealer.update(encode(entryFields(entry)))
      if (sealed.length > 0) yield sealed
    }
    yield sealer.finish()
  } finally {
    sealer.dispose()
  }
}

/** @throws STT_CHAMBER_CORRUPT for anything but the whole checkpoint `sequence` */
export async function readCheckpoint(
  store: ScopedStore,
  keyring: Keyring,
  sequence: number,
): Promise<{ head: Head; index: KeyIndex }> {
  const source = await store.get(checkpointName(sequence))
  if (!source) throw corrupt('the checkpoint of the chamber is gone')
  const values = decodeStream(openBody(keyring, sequence, source), { canonical: true, copy: true })
  const first = await values.next()
  if (first.done) throw malformed()
  const { commitment, floor, count } = readHead(first.value)
  const index = new KeyIndex(floor)
  for await (const value of values) index.add(readEntry(value))
  if (index.size !== count) throw malformed()
  return { head: { sequence, commitment }, index }
}

export function checkpointName(sequence: number): string {
  return `${CHECKPOINT_FOLDER}${sequence}`
}

async function* openBody(
  keyring: Keyring,
  sequence: number,
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  try {
    yield* openSealed(source, keyring.checkpoint(sequence))
  } catch (error) {
    throw asCorrupt('the checkpoint of the chamber was changed', error)
  }
}

function readHead(value: Value): { commitment: Uint8Array; floor: number; count: number } {
  if (!Array.isArray(value) || value.length !== 4 || value[0] !== VERSION) throw malformed()
  const [, commitment, floor, count] = value
  if (!(commitment instanceof Uint8Array) || commitment.length !== COMMITMENT_LENGTH) throw malformed()
  if (!isCount(floor) || !isCount(count)) throw malformed()
  return { commitment, floor, count }
}

export const CHECKPOINT_FOLDER = 'cp/'
const VERSION = 1
