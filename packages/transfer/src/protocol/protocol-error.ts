/** The other side broke the protocol. */
export class TransferProtocolError extends Error {
  override readonly name: string = 'TransferProtocolError'
}
