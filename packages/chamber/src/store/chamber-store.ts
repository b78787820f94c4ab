/** Bytes from `start` to before `end`; what lies beyond the end of the object is not there. */
export interface StoreRange {
  readonly start: number
  readonly end: number
}

export interface PutOptions {
  /**
   * `true`: when the promise resolves, the whole object and its name survive a loss of power, and a crash in between leaves
   * either the whole object or no name. `false`: they survive the end of the process; a crash in between may leave a part.
   */
  readonly durable: boolean
  /**
   * `true` for what is small, and needed so that more can be deleted than it takes. A store that can be full writes it also
   * then, from space that it holds back; for others it means nothing.
   */
  readonly urgent?: boolean
}

/**
 * What a chamber is kept in. It sees ciphertext only, and decides nothing: objects are written once, read, listed and
 * deleted. Names are segments of `a` to `z`, `0` to `9` and `.` between slashes; no segment is empty or begins with a dot.
 *
 * Every implementation passes `chamberStoreRules` of `@stt/chamber/testing`.
 */
export interface ChamberStore {
  /**
   * The bytes of an object, or undefined when there is none. Whoever got a source iterates it, or calls `return` on its
   * iterator; a source that was got before `delete` may fail, but never gives other bytes.
   */
  get(name: string, range?: StoreRange): Promise<AsyncIterable<Uint8Array> | undefined>
  /**
   * Writes an object under a name that is free; of two at once exactly one resolves with true. A piece of `source` may be
   * reused by its owner when the next one is asked for. Rejects with what the source throws, and then writes no name.
   *
   * @returns false, and leaves what is there as it is, when the name is taken
   */
  putIfAbsent(name: string, source: AsyncIterable<Uint8Array>, options: PutOptions): Promise<boolean>
  /** Deletes an object; a name that is free is no error. */
  delete(name: string): Promise<void>
  /** The names that begin with `prefix`, in any order, without those that are being written. */
  list(prefix: string): AsyncIterable<string>
  /**
   * Makes the caller the only writer of the names under `scope`, their first segment, until it calls what it got or its
   * process ends in any way.
   *
   * @throws STT_CHAMBER_LOCKED when there is one
   */
  lock(scope: string): Promise<() => Promise<void>>
}
