/** Why a transfer ended before everything was there. */
export type TransferEnd =
  /** The other side ended the transfer and said why. */
  | 'gave-up'
  /** The stream ended before the transfer. */
  | 'left'
  /** The two sides speak different versions of the protocol. */
  | 'version'

/** The other side ended the transfer without breaking the protocol. */
export class TransferError extends Error {
  override readonly name: string = 'TransferError'
  /** How it ended. */
  readonly end: TransferEnd

  constructor(end: TransferEnd, message: string) {
    super(message)
    this.end = end
  }
}

/** Thrown by a target that does not take a file. The sender gets the message, and the transfer goes on with the other files. */
export class Refusal extends Error {
  override readonly name: string = 'Refusal'
}

/** Thrown by a source that cannot give a file. The receiver gets the message, and the transfer goes on with the other files. */
export class NotSent extends Error {
  override readonly name: string = 'NotSent'
}

/** Message of a `NotSent` for a file that changed meanwhile. */
export const CHANGED = 'it changed while it was sent: send it again'
/** Message of a `Refusal` for a file whose hash is wrong on the receiver's disk. */
export const NOT_WHAT_WAS_SENT = 'what is on the disk is not what was sent: send it again'
