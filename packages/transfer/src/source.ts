/** What is given at once is taken at once: where thousands of small files are read, waiting is most of the work. */
export type MaybePromise<T> = T | Promise<T>

/** A file or folder to send. */
export interface TransferEntry {
  readonly kind: 'file' | 'folder'
  /** Where it is to be there: names with `/` between them. */
  readonly path: string
  readonly size: number
  readonly mode: number
  /** Milliseconds since 1970. */
  readonly modified: number
}

/**
 * Where a sender has its files. Of one that is not there any more, cannot be read or was changed it throws, or rejects with, a
 * `NotSent`; what else it throws ends the transfer.
 */
export interface TransferSource<E extends TransferEntry> {
  /** Fills `bytes` with all of a small file, which has as many. */
  readWhole(entry: E, bytes: Uint8Array): MaybePromise<void>
  open(entry: E): MaybePromise<OpenSource>
}

export interface OpenSource {
  /** @returns how many bytes were read, 0 where the file ends before `offset` */
  read(bytes: Uint8Array, offset: number): MaybePromise<number>
  /** Throws a `NotSent` where the file is not what it was when it was looked at. */
  check(): MaybePromise<void>
  close(): MaybePromise<void>
}

/** BLAKE2b-512, of which `HASH_LENGTH` bytes are on the wire. */
export interface TransferHash {
  update(bytes: Uint8Array): void
  /** Of what there is so far; more may follow. */
  readonly value: Uint8Array
}

export interface TransferHashing {
  create(): TransferHash
  /** The same of bytes that are all there. */
  of(bytes: Uint8Array): Uint8Array
}
