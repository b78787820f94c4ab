/** Why a transfer ended before everything was there. */
export type TransferEnd =
  /** The other side ended it, and has said why. */
  | 'gave-up'
  /** The stream came to its end too early. */
  | 'left'
  /** The two speak different versions. */
  | 'version'

/** The other side does not go on, without a fault of its own in the protocol. */
export class TransferError extends Error {
  override readonly name: string = 'TransferError'
  readonly end: TransferEnd

  constructor(end: TransferEnd, message: string) {
    super(message)
    this.end = end
  }
}

/** Why one file is not taken; the transfer goes on with the others. The sender is told the message. */
export class Refusal extends Error {
  override readonly name: string = 'Refusal'
}

/** Why one file is not sent; the transfer goes on with the others. The receiver is told the message. */
export class NotSent extends Error {
  override readonly name: string = 'NotSent'
}

export const CHANGED = 'it changed while it was sent: send it again'
export const NOT_WHAT_WAS_SENT = 'what is on the disk is not what was sent: send it again'
