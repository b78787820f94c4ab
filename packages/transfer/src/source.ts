/** A result that may come at once: with thousands of small files, promises would be most of the work. */
export type MaybePromise<T> = T | Promise<T>

/** A file or folder to send. */
export interface TransferEntry {
  readonly kind: 'file' | 'folder'
  /** Path in the receiver's folder: names with `/` between them. */
  readonly path: string
  /** Bytes; of a folder 0. */
  readonly size: number
  /** Permission bits. */
  readonly mode: number
  /** Milliseconds since 1970. */
  readonly modified: number
}

/**
 * Reads a sender's files. For a file that is gone, unreadable or changed it throws, or rejects with, a `NotSent`; any other error
 * ends the transfer.
 */
export interface TransferSource<E extends TransferEntry> {
  /** Fills `bytes` with a small file, which has exactly that size. */
  readWhole(entry: E, bytes: Uint8Array): MaybePromise<void>
  /** Opens a file. */
  open(entry: E): MaybePromise<OpenSource>
}

/** An open file of a sender. */
export interface OpenSource {
  /** @returns how many bytes were read, 0 at the end of the file */
  read(bytes: Uint8Array, offset: number): MaybePromise<number>
  /** Throws a `NotSent` if the file has changed since it was listed. */
  check(): MaybePromise<void>
  /** Closes the file. */
  close(): MaybePromise<void>
}

/** BLAKE2b-512 in progress, cut to `HASH_LENGTH` bytes. */
export interface TransferHash {
  /** Adds bytes. */
  update(bytes: Uint8Array): void
  /** Hash of the bytes so far; more may follow. */
  readonly value: Uint8Array
}

/** Makes hashes: BLAKE2b-512, cut to `HASH_LENGTH` bytes. */
export interface TransferHashing {
  /** Begins a hash. */
  create(): TransferHash
  /** Hashes bytes in one call. */
  of(bytes: Uint8Array): Uint8Array
}
