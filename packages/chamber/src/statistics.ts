/** A chamber's contents, and its counters since it was opened. */
export interface ChamberStatistics {
  /** Keys that have an object. */
  readonly keys: number
  /** Plaintext bytes of all objects. */
  readonly bytes: number
  /** Calls of `store` that succeeded. */
  readonly stores: number
  /** Objects that were read, whole or in part. */
  readonly retrieves: number
  /** Calls of `delete` that deleted an object. */
  readonly deletes: number
  /** Plaintext bytes that were stored. */
  readonly bytesStored: number
  /** Plaintext bytes that were read. */
  readonly bytesRetrieved: number
  /** Records written to the log; calls that come together share one. */
  readonly records: number
  /** Operations that the next opening has to read after the checkpoint. */
  readonly operationsSinceCheckpoint: number
  /** Checkpoints written. */
  readonly checkpoints: number
  /** Checkpoints that the store refused; the log then stays longer, and no data is lost. */
  readonly failedCheckpoints: number
  /** Unused names of the log that could not be deleted; the next opening tries again. */
  readonly failedDeletes: number
  /** Objects to be deleted that still have readers, or that the store could not delete. */
  readonly pendingDeletes: number
  /** Last records that were not whole when the chamber was opened: 0 or 1. Their calls had not been acknowledged. */
  readonly droppedRecords: number
  /** Objects that no record named when the chamber was opened. */
  readonly removedObjects: number
}

/** The part that the calls count. */
export class Counters {
  stores = 0
  retrieves = 0
  deletes = 0
  bytesStored = 0
  bytesRetrieved = 0
}
