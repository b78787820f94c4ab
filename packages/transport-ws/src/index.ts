export { addressGroup } from './address-group.ts'
export { type AdoptWebSocketOptions, adoptWebSocket } from './adopt.ts'
export { checkWebSocketOptions, isSecureServer, type WebSocketOptions } from './check-options.ts'
export { WebSocketCloseCode } from './codec/close-code.ts'
export { FrameDecoder, type FrameEvent } from './codec/decoder.ts'
export { encodeClose, encodeFrame, frameSize, writeFrame } from './codec/encode.ts'
export { Opcode } from './codec/opcode.ts'
export { type DialWebSocketOptions, dialWebSocket, type NamedProxy, proxyOf } from './dial.ts'
export type { WebSocketLimits } from './limits.ts'
export { type ListenWebSocketOptions, listenWebSocket } from './listen.ts'
export type {
  WebSocketListener,
  WebSocketListenerOptions,
  WebSocketListenerStatistics,
  WebSocketOrigin,
} from './listener.ts'
export type { WebSocketLink, WebSocketLinkStatistics } from './socket-link.ts'
export type { Timers } from './timers.ts'
export type { TlsOptions } from './tls-sockets.ts'
export type { WhatwgWebSocket } from './whatwg.ts'
