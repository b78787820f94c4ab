/**
 * The part of a WHATWG WebSocket that `adoptWebSocket` uses. Browsers, Node and the `ws` package have one. Each platform has event
 * classes of its own, so no type fits a listener's event everywhere.
 */
export interface WhatwgWebSocket {
  binaryType: string
  readonly bufferedAmount: number
  readonly protocol: string
  readonly readyState: number
  readonly url: string
  send(data: Uint8Array<ArrayBuffer>): void
  close(code?: number, reason?: string): void
  // biome-ignore lint/suspicious/noExplicitAny: no type fits the events of every platform
  addEventListener(type: 'open' | 'message' | 'close' | 'error', listener: (event: any) => void): void
  // biome-ignore lint/suspicious/noExplicitAny: as above
  removeEventListener(type: 'open' | 'message' | 'close' | 'error', listener: (event: any) => void): void
}
