/**
 * What `adoptWebSocket` needs of a WHATWG WebSocket: a browser's, Node's own, or one of the `ws` package.
 * Each platform has its own event classes, so a listener's event has no type that fits all.
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
