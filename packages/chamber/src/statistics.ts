/** What a chamber holds and did since it was opened. */
export interface ChamberStatistics {
  readonly keys: number
  /** Bytes of all objects, as they were given. */
  readonly bytes: number
  readonly stores: number
  readonly retrieves: number
  readonly deletes: number
  readonly bytesStored: number
  readonly bytesRetrieved: number
  /** Records written to the log; calls that come together share one. */
  readonly records: number
  /** What the next opening has to read after the checkpoint. */
  readonly operationsSinceCheckpoint: number
  readonly checkpoints: number
  /** Checkpoints that the store refused; nothing is lost, the log stays longer. */
  readonly failedCheckpoints: number
  /** Names of no further use that could not be deleted; the next opening tries again. */
  readonly failedDeletes: number
  /** Objects that wait for their readers to end, or for the store, to be deleted. */
  readonly pendingDeletes: number
  /** Last records that were not whole when the chamber was opened: 0 or 1. What they said had not been acknowledged. */
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
