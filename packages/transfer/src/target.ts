import type { WholeFile } from './protocol/messages.ts'
import type { MaybePromise } from './source.ts'

/** A file that a sender announces. The target has to check the path before it uses it. */
export interface AnnouncedFile {
  /** Names with `/` between them, as the sender wrote them. */
  readonly path: string
  /** Bytes. */
  readonly size: number
  /** Permission bits. */
  readonly mode: number
  /** Milliseconds since 1970. */
  readonly modified: number
}

/**
 * Keeps a receiver's files. For a file that it does not take it throws, or rejects with, a `Refusal`; `problemOf` and `faultOf`
 * explain its other errors. Each call is made after the one before it has finished.
 */
export interface TransferTarget {
  /** Makes a folder, or takes one that exists. */
  addFolder(folder: Omit<AnnouncedFile, 'size'>): MaybePromise<void>
  /** Takes a small file that came whole. Its bytes are valid until the result. @returns `had` if the same file was there already */
  takeWhole(file: Omit<WholeFile, 'type'>): MaybePromise<'done' | 'had'>
  /** Prepares for a file, and finds out how much of it is there already. */
  announce(file: AnnouncedFile, signal: AbortSignal): MaybePromise<IncomingFile>
  /** Called after the last file. @param onProblem called for each folder whose attributes could not be set */
  finish(onProblem: (path: string, reason: string) => void): MaybePromise<void>
  /** The reason to refuse one file, if an error concerns only that file. */
  problemOf(error: unknown): string | undefined
  /** How an error ends the transfer, if it concerns all files. */
  faultOf(error: unknown): TargetFault | undefined
}

/** An error of a target that ends the transfer. */
export interface TargetFault {
  /** Message for the sender. */
  readonly reason: string
  /** Error with which the transfer rejects. */
  readonly error: Error
}

/** A file from its announcement to its end. */
export interface IncomingFile {
  /** Bytes that are there already. */
  readonly offset: number
  /** Hash of these bytes, `HASH_LENGTH` bytes; zeros if there are none. */
  readonly hash: Uint8Array
  /** Whether they are a file under its name, and not a part of one. */
  readonly isThere: boolean
  /** Whether that file is not replaced. */
  readonly kept: boolean
  /** Called before the first write. @param offset 0, or that of the file */
  start(offset: number): MaybePromise<void>
  /** Appends bytes, which are valid until the result. */
  write(bytes: Uint8Array): MaybePromise<void>
  /** Appends zeros. */
  hole(length: number): MaybePromise<void>
  /** Gives the file its name if its hash is that of the sender, and closes it. @returns `same` if it had its name before */
  end(hash: Uint8Array): MaybePromise<'received' | 'same'>
  /** Closes the file and keeps its bytes for the next attempt. May be called after `end`. */
  close(): MaybePromise<void>
}
