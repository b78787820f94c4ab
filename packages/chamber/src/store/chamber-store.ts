/** A range of an object's bytes. */
export interface StoreRange {
  /** Offset of the first byte. */
  readonly start: number
  /** Offset after the last byte; it may lie beyond the end of the object, where there are no bytes. */
  readonly end: number
}

export interface PutOptions {
  /**
   * `true`: when the promise resolves, the whole object and its name survive a loss of power, and a crash in between leaves
   * either the whole object or no name. `false`: they survive the end of the process; a crash in between may leave a part.
   */
  readonly durable: boolean
  /**
   * `true` for a small object that is needed so that larger ones can be deleted. A store that can be full holds back space
   * for it; others ignore it.
   */
  readonly urgent?: boolean
}

/**
 * The storage of a chamber. It sees ciphertext only, and decides nothing: objects are written once, read, listed and
 * deleted. Names are segments of `a` to `z`, `0` to `9` and `.` between slashes; no segment is empty or begins with a dot.
 *
 * Every implementation passes `chamberStoreRules` of `@stt/chamber/testing`.
 */
export interface ChamberStore {
  /**
   * The bytes of an object, or undefined when there is none. The caller iterates the source to its end, or calls `return` on
   * its iterator. After a `delete`, a source may fail, but never gives other bytes.
   */
  get(name: string, range?: StoreRange): Promise<AsyncIterable<Uint8Array> | undefined>
  /**
   * Writes an object under a free name; of two such calls at once, exactly one resolves with true. The owner of `source` may
   * reuse a piece when the next one is asked for. Rejects with the source's error, and then writes no name.
   *
   * @returns false when the name is taken, whose object then stays unchanged
   */
  putIfAbsent(name: string, source: AsyncIterable<Uint8Array>, options: PutOptions): Promise<boolean>
  /** Deletes an object; a free name is not an error. */
  delete(name: string): Promise<void>
  /** The names that begin with `prefix`, in any order, without objects that are being written. */
  list(prefix: string): AsyncIterable<string>
  /**
   * Makes the caller the only writer of the names under `scope`, their first segment, until it calls the returned function or
   * its process ends in any way.
   *
   * @throws STT_CHAMBER_LOCKED when there is another writer
   */
  lock(scope: string): Promise<() => Promise<void>>
}
