/** How a WebSocket to a relay is opened. */
export interface RelayDial {
  readonly subprotocol: string
  /** Name of the destination, for `Link.remote`. */
  readonly remote: string
  /** The name or IP address to connect to; what the URL says unless given. */
  readonly host?: string
  readonly signal?: AbortSignal | undefined
}
