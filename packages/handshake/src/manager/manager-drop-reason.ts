import type { DropReason } from '../drop-reason.ts'

/** Why a manager ignored a message. Counted; the peer is never told. */
export type ManagerDropReason =
  | DropReason
  /** A HELLO whose run is over, or belongs to another address: a recording. */
  | 'replayed'
  /** More proved HELLOs from one address prefix than its bucket allows. */
  | 'rateLimited'
  /** The table of pending handshakes is full. */
  | 'tableFull'
  /** The message names a connection id that no run has. */
  | 'unknownRun'
  /** A RETRY that does not answer the HELLO it names, or one too many. */
  | 'badRetry'
  /** AUTH_PROOF from another address than its HELLO's. */
  | 'wrongAddress'
  /** More packets around FINAL than are kept. */
  | 'tooManyPackets'
