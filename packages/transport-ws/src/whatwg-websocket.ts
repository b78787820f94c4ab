/**
 * The part of a WHATWG WebSocket that `adoptWebSocket` uses. Browsers, Node and the `ws` package have one. Each platform has event
 * classes of its own, so no type fits a listener's event everywhere.
 */
export interface WhatwgWebSocket {
  /** Set to `arraybuffer`, so that messages arrive as bytes. */
  binaryType: string
  /** Bytes that `send` took and the network has not. */
  readonly bufferedAmount: number
  /** The agreed subprotocol; empty until the socket is open. */
  readonly protocol: string
  /** 0 while connecting, 1 when open, 2 while closing, 3 when closed. */
  readonly readyState: number
  /** The dialed URL; empty for some sockets that a server accepted. */
  readonly url: string
  /** Sends one binary message. */
  send(data: Uint8Array<ArrayBuffer>): void
  /** Starts to close the socket. */
  close(code?: number, reason?: string): void
  /** Adds a listener for events of one type. */
  // biome-ignore lint/suspicious/noExplicitAny: no type fits the events of every platform
  addEventListener(type: 'open' | 'message' | 'close' | 'error', listener: (event: any) => void): void
  /** Removes a listener that was added. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  removeEventListener(type: 'open' | 'message' | 'close' | 'error', listener: (event: any) => void): void
}
