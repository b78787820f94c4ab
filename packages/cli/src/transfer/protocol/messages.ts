/*
 * The messages of a transfer, as ../../../TRANSFER.md has them. Sizes and offsets are bytes, times milliseconds since 1970,
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
  | { readonly type: 'done'; readonly id: number }
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
/** Bytes of a message that is no data. */
export const MAX_CONTROL: number = MAX_PATH + 64
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
  ready: 16,
  want: 17,
  done: 18,
  refused: 19,
  abort: 20,
  finished: 21,
}
