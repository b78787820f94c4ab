/** The other side said what the protocol does not allow. */
export class TransferProtocolError extends Error {
  override readonly name: string = 'TransferProtocolError'
}
