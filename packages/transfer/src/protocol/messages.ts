/*
 * The messages of a transfer, as ../../TRANSFER.md has them. Sizes and offsets are bytes, times milliseconds since 1970,
 * hashes the first 32 bytes of BLAKE2b-512.
 */

/** What the sender says. */
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
  /** A small file with all that is in it, which no answer is waited for: valid until the next call of the reader. */
  | WholeFile
  /** What comes is of this file, from there on. */
  | { readonly type: 'from'; readonly id: number; readonly offset: number }
  /** A piece of it: valid until the next call of the reader. */
  | { readonly type: 'data'; readonly bytes: Uint8Array }
  /** Zeros that are not sent. */
  | { readonly type: 'hole'; readonly length: number }
  /** All of it was sent, or what the receiver has is all of it. */
  | { readonly type: 'end'; readonly id: number; readonly hash: Uint8Array }
  | { readonly type: 'give-up'; readonly id: number; readonly reason: string }
  | { readonly type: 'all' }

export interface WholeFile {
  readonly type: 'whole'
  readonly path: string
  readonly mode: number
  readonly modified: number
  /** Of its bytes. */
  readonly hash: Uint8Array
  readonly bytes: Uint8Array
}

/** What the receiver says. */
export type ReceiverMessage =
  | { readonly type: 'ready'; readonly version: number }
  /** It has the bytes before `offset`, with this hash; `kept`: as a file under its name, which it does not replace. */
  | {
      readonly type: 'want'
      readonly id: number
      readonly offset: number
      readonly hash: Uint8Array
      readonly kept: boolean
    }
  /** So many files, this one and those after it, are on the disk. */
  | { readonly type: 'done'; readonly id: number; readonly count: number }
  /** So many that came whole were there already, the same. */
  | { readonly type: 'had'; readonly id: number; readonly count: number }
  | { readonly type: 'refused'; readonly id: number; readonly reason: string }
  | { readonly type: 'abort'; readonly reason: string }
  | { readonly type: 'finished' }

export type Message = SenderMessage | ReceiverMessage

export const VERSION = 1
export const HASH_LENGTH = 32
/** Files and folders that the receiver has not answered yet. */
export const MAX_UNANSWERED = 1_024
/** Bytes of a path, as UTF-8. */
export const MAX_PATH = 4_096
export const MAX_REASON = 512
export const MAX_DATA = 1_048_576
/** Bytes of a message that is neither data nor a whole file. */
export const MAX_CONTROL: number = MAX_PATH + 64
/** Bytes of a file that comes whole. */
export const MAX_WHOLE = 65_536
/** What such a message has before the path: mode, time, hash, the length of the path. */
export const WHOLE_FIELDS: number = 4 + 8 + HASH_LENGTH + 2
export const HEADER_LENGTH = 5

/** Numbers on the wire. */
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
