/**
 * What `adoptWebSocket` needs of a WHATWG WebSocket: a browser's, Node's own, or one of the `ws` package.
 * Its events are the platform's; only the fields that are read are named here.
 */
export interface WhatwgWebSocket {
  binaryType: string
  readonly bufferedAmount: number
  readonly protocol: string
  readonly readyState: number
  readonly url: string
  send(data: Uint8Array<ArrayBuffer>): void
  close(code?: number, reason?: string): void
  // biome-ignore lint/suspicious/noExplicitAny: each platform has its own event classes, and method types compare both ways
  addEventListener(type: 'open' | 'message' | 'close' | 'error', listener: (event: any) => void): void
  // biome-ignore lint/suspicious/noExplicitAny: as above
  removeEventListener(type: 'open' | 'message' | 'close' | 'error', listener: (event: any) => void): void
}
