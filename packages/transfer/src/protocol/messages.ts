/*
 * The messages of a transfer, as ../../TRANSFER.md has them. Sizes and offsets are bytes, times milliseconds since 1970,
 * hashes the first 32 bytes of BLAKE2b-512.
 */

/** A message from the sender. */
export type SenderMessage =
  | { readonly type: 'begin'; readonly version: number; readonly files: number; readonly bytes: number }
  | { readonly type: 'folder'; readonly path: string; readonly mode: number; readonly modified: number }
  | {
      readonly type: 'file'
      readonly path: string
      readonly size: number
      readonly mode: number
      readonly modified: number
    }
  /** A small file with its contents. Its bytes are valid until the next call of the reader. */
  | WholeFile
  /** The next data belongs to this file, from this offset on. */
  | { readonly type: 'from'; readonly id: number; readonly offset: number }
  /** A piece of the file, valid until the next call of the reader. */
  | { readonly type: 'data'; readonly bytes: Uint8Array }
  /** Zeros, which are not sent as data. */
  | { readonly type: 'hole'; readonly length: number }
  /** The file is complete. */
  | { readonly type: 'end'; readonly id: number; readonly hash: Uint8Array }
  | { readonly type: 'give-up'; readonly id: number; readonly reason: string }
  | { readonly type: 'all' }

/** A small file that came with its contents. */
export interface WholeFile {
  readonly type: 'whole'
  /** Names with `/` between them. */
  readonly path: string
  /** Permission bits. */
  readonly mode: number
  /** Milliseconds since 1970. */
  readonly modified: number
  /** Hash of `bytes`, `HASH_LENGTH` bytes. */
  readonly hash: Uint8Array
  /** The contents, at most `MAX_WHOLE` bytes. */
  readonly bytes: Uint8Array
}

/** A message from the receiver. */
export type ReceiverMessage =
  | { readonly type: 'ready'; readonly version: number }
  /** The receiver has the bytes before `offset`, with this hash. `kept`: they are a file under that name, which it does not replace. */
  | {
      readonly type: 'want'
      readonly id: number
      readonly offset: number
      readonly hash: Uint8Array
      readonly kept: boolean
    }
  /** `count` files from this id on are on the disk. */
  | { readonly type: 'done'; readonly id: number; readonly count: number }
  /** `count` files from this id on came whole, and the receiver had them already. */
  | { readonly type: 'had'; readonly id: number; readonly count: number }
  | { readonly type: 'refused'; readonly id: number; readonly reason: string }
  | { readonly type: 'abort'; readonly reason: string }
  | { readonly type: 'finished' }

/** A message of either side. */
export type Message = SenderMessage | ReceiverMessage

/** Version of the protocol. */
export const VERSION = 1
/** Bytes of a hash on the wire: the first of BLAKE2b-512. */
export const HASH_LENGTH = 32
/** The most files that wait for their last answer. */
export const MAX_UNANSWERED = 1_024
/** The longest path, in bytes of UTF-8. */
export const MAX_PATH = 4_096
export const MAX_REASON = 512
export const MAX_DATA = 1_048_576
/** The longest body of a message other than data and whole files. */
export const MAX_CONTROL: number = MAX_PATH + 64
/** The largest file that comes in one message, in bytes. */
export const MAX_WHOLE = 65_536
/** Bytes of such a message before the path: mode, time, hash, the length of the path. */
export const WHOLE_FIELDS: number = 4 + 8 + HASH_LENGTH + 2
export const HEADER_LENGTH = 5

/** Number of each type on the wire. */
export const TYPES: Readonly<Record<Message['type'], number>> = {
  begin: 1,
  folder: 2,
  file: 3,
  from: 4,
  data: 5,
  hole: 6,
  end: 7,
  'give-up': 8,
  all: 9,
  whole: 10,
  ready: 16,
  want: 17,
  done: 18,
  refused: 19,
  abort: 20,
  finished: 21,
  had: 22,
}
