import type { WholeFile } from './protocol/messages.ts'
import type { MaybePromise } from './source.ts'

/** A file that a sender announces. Its path is the sender's: it is checked by who makes a place of it. */
export interface AnnouncedFile {
  readonly path: string
  readonly size: number
  readonly mode: number
  /** Milliseconds since 1970. */
  readonly modified: number
}

/**
 * Where a receiver puts what comes. Of a file that it does not take it throws, or rejects with, a `Refusal`; what else it throws
 * is asked for in `problemOf`. It is asked for one thing after the other, and its answers are waited for.
 */
export interface TransferTarget {
  addFolder(folder: Omit<AnnouncedFile, 'size'>): MaybePromise<void>
  /** Takes a small file that came whole. Its bytes are valid until this answers. @returns `had` where it was there, the same */
  takeWhole(file: Omit<WholeFile, 'type'>): MaybePromise<'done' | 'had'>
  announce(file: AnnouncedFile, signal: AbortSignal): MaybePromise<IncomingFile>
  /** After the last file. @param onProblem is told what could not be set of a folder */
  finish(onProblem: (path: string, reason: string) => void): MaybePromise<void>
  /** Why one file is not taken, where that is all that an error says. */
  problemOf(error: unknown): string | undefined
  /** What an error says that ends the transfer: what the sender is told, and what the transfer rejects with. */
  faultOf(error: unknown): TargetFault | undefined
}

export interface TargetFault {
  readonly reason: string
  readonly error: Error
}

/** A file from its announcement to its end. */
export interface IncomingFile {
  /** Bytes that are there already, and their hash. */
  readonly offset: number
  readonly hash: Uint8Array
  /** They are a file under its name. */
  readonly isThere: boolean
  /** And that is not replaced. */
  readonly kept: boolean
  /** What comes begins at 0, or at the offset. */
  start(offset: number): MaybePromise<void>
  /** @param bytes valid until this answers */
  write(bytes: Uint8Array): MaybePromise<void>
  hole(length: number): MaybePromise<void>
  /** Gives it its name, where it is what the sender hashed, and releases it. @returns whether it had its name before */
  end(hash: Uint8Array): MaybePromise<'received' | 'same'>
  /** What was written stays for the next time. May be called after `end`. */
  close(): MaybePromise<void>
}
