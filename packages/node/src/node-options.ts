import type { DialWebSocketOptions, WebSocketListenerOptions } from '@stt/transport-ws'
import type { CommonOptions } from './options.ts'

export interface NodeOptions extends CommonOptions {
  readonly udp?: UdpOptions
  readonly ws?: WebSocketOptions
}

export interface UdpOptions {
  /** Bytes of the largest packet sent: 1,200 unless given, and about 60 KB to loopback addresses. */
  readonly maxPacketSize?: number
  /** Bytes of the largest packet to look for with probes where that is more; 1,452 suits Ethernet. None is looked for unless given. */
  readonly probeUpTo?: number
  /** Bytes of kernel buffer to ask for: 4 MiB. */
  readonly receiveBufferSize?: number
  readonly sendBufferSize?: number
}

/** `origins` and `clientAddress` are for listening, `headers`, `ca` and `serverName` for dialing, `limits` for both. */
export interface WebSocketOptions
  extends Pick<WebSocketListenerOptions, 'origins' | 'clientAddress' | 'limits'>,
    Pick<DialWebSocketOptions, 'headers' | 'ca' | 'serverName'> {}
