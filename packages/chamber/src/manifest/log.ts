import { randomBytes } from '@stt/crypto'
import { isSttError, SttError } from '@stt/errors'
import { collectUpTo, once } from '../bytes.ts'
import { saysFull, storeFailure } from '../failures.ts'
import type { Keyring } from '../keys/keyring.ts'
import { removeAll } from '../store/remove-all.ts'
import type { ScopedStore } from '../store/scoped-store.ts'
import { checkpointName, sealCheckpoint } from './checkpoint.ts'
import { COMMITMENT_LENGTH } from './commitment.ts'
import { checkOperation, type Operation } from './entry.ts'
import { pointerName, sealPointer } from './head-pointer.ts'
import { KeyIndex } from './key-index.ts'
import type { Manifest } from './load.ts'
import { type Head, headAfter, MAX_RECORD, recordName, sealRecord } from './record.ts'

/**
 * Keeps the head of the log outside of the store. Only by it can a chamber be told from an old copy of itself.
 */
export interface ChamberAnchor {
  /** The head that was saved last, if any. Called once, when the chamber is opened. */
  load(): Promise<Head | undefined>
  /** Called after each record, before the call that wrote it resolves. */
  save(head: Head): Promise<void>
}

export interface LogOptions {
  readonly store: ScopedStore
  readonly keyring: Keyring
  readonly durable: boolean
  /** A checkpoint is due after more operations than this, and more than the chamber has keys. */
  readonly minimumTail: number
  readonly anchor: ChamberAnchor | undefined
}

interface Waiting {
  readonly operation: Operation
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/**
 * The writer's end of the log. One record is written at a time; the operations that come meanwhile share the next one. An
 * operation enters the index once its record is in the store.
 */
export class Log {
  readonly manifest: Manifest
  readonly counters = { records: 0, checkpoints: 0, failedCheckpoints: 0, failedDeletes: 0 }
  readonly #options: LogOptions
  #queue: Waiting[] = []
  #writing: Promise<void> | undefined
  #compacting: Promise<void> | undefined
  /** The part of the tail that a failed checkpoint already tried to cover. */
  #tried = 0
  /** The most operations in a record: fewer for a while after the store was full. */
  #most = MAX_BATCH
  #failure: SttError | undefined

  constructor(manifest: Manifest, options: LogOptions) {
    this.manifest = manifest
    this.#options = options
  }

  /** Why no more can be written: whether the last record is in the store is unknown. Undefined while all is well. */
  get failure(): SttError | undefined {
    return this.#failure
  }

  /** Resolves when the operation is in the log, as safe as the chamber's durability says. */
  commit(operation: Operation): Promise<void> {
    return new Promise((resolve, reject) => {
      checkOperation(operation)
      this.#queue.push({ operation, resolve, reject })
      this.#writing ??= this.#drain()
    })
  }

  /** Resolves when no write or delete is under way. */
  async idle(): Promise<void> {
    await this.#writing
    await this.#compacting
  }

  async #drain(): Promise<void> {
    // Operations of the same turn share a record.
    await undefined
    while (this.#queue.length > 0) {
      const batch = this.#nextBatch()
      try {
        await this.#write(batch.map(({ operation }) => operation))
        for (const { resolve } of batch) resolve()
        await this.#removeReplacedPointer()
      } catch (error) {
        for (const { reject } of this.#withoutDeletes(batch, error)) reject(error)
      }
      this.#compactIfDue()
    }
    this.#writing = undefined
  }

  /**
   * When the store has no space for a record, retries its deletes, which free space, without its stores and fewer at once.
   * @returns the operations that have failed
   */
  #withoutDeletes(batch: readonly Waiting[], error: unknown): readonly Waiting[] {
    if (batch.length === 1 || this.#failure || !saysFull(error)) return batch
    const deletes = batch.filter(({ operation }) => operation.type === 'delete')
    if (deletes.length === batch.length) this.#most = Math.ceil(deletes.length / 2)
    this.#queue.unshift(...deletes)
    return batch.filter(({ operation }) => operation.type !== 'delete')
  }

  #nextBatch(): Waiting[] {
    let size = 0
    let count = 0
    for (const { operation } of this.#queue) {
      size += largestSize(operation)
      if (count > 0 && (size > MAX_RECORD / 2 || count === this.#most)) break
      count++
    }
    return this.#queue.splice(0, count)
  }

  async #write(operations: readonly Operation[]): Promise<void> {
    if (this.#failure) throw this.#failure
    const { store, keyring, durable, anchor } = this.#options
    const { manifest } = this
    const name = recordName(manifest.head.sequence + 1)
    const sealed = sealRecord(keyring, manifest.head, operations)
    try {
      await store.put(name, once(sealed), { durable, urgent: operations.every(({ type }) => type === 'delete') })
    } catch (error) {
      if (isSttError(error, 'STT_CHAMBER_LOCKED')) throw this.#fail(error)
      await this.#settle(name)
      throw this.#failure ?? error
    }
    const head = headAfter(manifest.head, sealed)
    try {
      // spec: STT-CHA-22: a crash before this leaves a record one ahead of the pointer, whole or not.
      await writePointer(store, keyring, head, durable)
    } catch (error) {
      throw this.#fail(isSttError(error, 'STT_CHAMBER_LOCKED') ? error : uncertain(error))
    }
    this.#most = Math.min(2 * this.#most, MAX_BATCH)
    manifest.head = head
    manifest.tail += operations.length
    for (const operation of operations) manifest.index.apply(operation)
    this.counters.records++
    try {
      await anchor?.save({ ...manifest.head, commitment: manifest.head.commitment.slice() })
    } catch (error) {
      throw this.#fail(storeFailure('saving the anchor of the chamber', error))
    }
  }

  /** A name that cannot be deleted now is deleted when the chamber is opened. */
  async #removeReplacedPointer(): Promise<void> {
    const { sequence } = this.manifest.head
    this.counters.failedDeletes += await removeAll(this.#options.store, [pointerName(sequence - 1)])
  }

  /** After a failed write: unless the record is known not to be there, its objects may be needed and nothing may follow. */
  async #settle(name: string): Promise<void> {
    try {
      const source = await this.#options.store.get(name)
      if (!source) return
      await collectUpTo(source, MAX_RECORD)
      this.#fail(uncertain())
    } catch (error) {
      this.#fail(uncertain(error))
    }
  }

  #fail(error: SttError): SttError {
    this.#failure = error
    return error
  }

  // spec: STT-CHA-14
  #compactIfDue(): void {
    const { manifest } = this
    const due = manifest.tail - this.#tried > Math.max(this.#options.minimumTail, manifest.checkpointKeys)
    if (!due || this.#compacting || this.#failure) return
    this.#compacting = this.#compact().finally(() => {
      this.#compacting = undefined
    })
  }

  /** Runs beside new records, which come after the checkpoint. A failed checkpoint is counted and tried later. */
  async #compact(): Promise<void> {
    const { store, keyring } = this.#options
    const { head, checkpoint, tail, index } = this.manifest
    const content = { head, floor: index.floor, entries: index.snapshot() }
    try {
      // Always durable, since the records that it replaces are deleted.
      await store.put(checkpointName(head.sequence), sealCheckpoint(keyring, content), { durable: true })
    } catch (error) {
      // A full store may have room later, and all records are still there. Any other error is reported.
      if (!isSttError(error, 'STT_CHAMBER_STORE')) this.#fail(storeFailure('writing a checkpoint', error))
      this.counters.failedCheckpoints++
      this.#tried = tail
      return
    }
    this.manifest.checkpoint = head.sequence
    this.manifest.checkpointKeys = content.entries.length
    this.manifest.tail -= tail
    this.#tried = 0
    this.counters.checkpoints++
    this.counters.failedDeletes += await removeAll(store, replaced(checkpoint, head.sequence))
  }
}

/** Writes the head pointer to a record that is in the store. */
export async function writePointer(store: ScopedStore, keyring: Keyring, head: Head, durable: boolean): Promise<void> {
  await store.put(pointerName(head.sequence), once(sealPointer(keyring, head)), { durable, urgent: true })
}

/** Writes the first checkpoint of a chamber. Its random commitment makes each chamber's log unique. */
export async function createManifest(store: ScopedStore, keyring: Keyring): Promise<Manifest> {
  const head = { sequence: 0, commitment: randomBytes(COMMITMENT_LENGTH) }
  await writePointer(store, keyring, head, true)
  await store.put(checkpointName(0), sealCheckpoint(keyring, { head, floor: 0, entries: [] }), { durable: true })
  return { index: new KeyIndex(), head, checkpoint: 0, checkpointKeys: 0, tail: 0 }
}

/** The names that the checkpoint `to` makes superfluous. */
function* replaced(from: number, to: number): Generator<string, void, undefined> {
  yield checkpointName(from)
  for (let sequence = from + 1; sequence <= to; sequence++) yield recordName(sequence)
}

function largestSize(operation: Operation): number {
  if (operation.type === 'delete') return 3 * operation.key.length + 64
  return 3 * operation.entry.key.length + (operation.entry.metadata?.length ?? 0) + 256
}

function uncertain(cause?: unknown): SttError {
  return new SttError(
    'STT_CHAMBER_STORE',
    'the store failed within a write, which may be there or not; close the chamber and open it again to know',
    { cause },
  )
}

const MAX_BATCH = 256
