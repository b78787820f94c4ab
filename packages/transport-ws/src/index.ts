export { addressGroup } from './address-group.ts'
export { type AdoptWebSocketOptions, adoptWebSocket } from './adopt.ts'
export { WebSocketCloseCode } from './codec/close-code.ts'
export { FrameDecoder, type FrameEvent } from './codec/decoder.ts'
export { encodeClose, encodeFrame } from './codec/encode.ts'
export { Opcode } from './codec/opcode.ts'
export { dialWebSocket, type NamedProxy, proxyOf } from './dial.ts'
export type { WebSocketLimits } from './limits.ts'
export { listenWebSocket } from './listen.ts'
export type { WebSocketListener, WebSocketListenerStatistics, WebSocketOrigin } from './listener.ts'
export type { Timers } from './timers.ts'
export { isSecureServer, type TlsOptions } from './tls-sockets.ts'
export type { WebSocketLink, WebSocketLinkStatistics } from './websocket-link.ts'
export {
  checkWebSocketOptions,
  type DialWebSocketOptions,
  type ListenWebSocketOptions,
  type WebSocketOptions,
} from './websocket-options.ts'
export type { WhatwgWebSocket } from './whatwg-websocket.ts'
