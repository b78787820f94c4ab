import { checkUdpOptions } from '@stt/transport-udp'
import { checkWebSocketOptions, type DialWebSocketOptions, type WebSocketListenerOptions } from '@stt/transport-ws'
import { COMMON_OPTIONS, type CommonOptions } from './options.ts'

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

/** The names that `create` knows in Node. */
export const NODE_OPTIONS: readonly (keyof NodeOptions)[] = [...COMMON_OPTIONS, 'udp', 'ws']

/** What of `ws` is for dialing. */
export const dialingOptions = ({ headers, ca, serverName, limits }: WebSocketOptions): DialWebSocketOptions => ({
  ...(headers && { headers }),
  ...(ca && { ca }),
  ...(serverName !== undefined && { serverName }),
  ...(limits && { limits }),
})

/** What of `ws` is for listening. */
export const listeningOptions = ({ origins, clientAddress, limits }: WebSocketOptions): WebSocketListenerOptions => ({
  ...(origins && { origins }),
  ...(clientAddress && { clientAddress }),
  ...(limits && { limits }),
})

/** @throws SttError `STT_INVALID_ARGUMENT` that names the option of a transport that cannot work */
export function checkTransportOptions({ udp = {}, ws = {} }: NodeOptions): void {
  checkUdpOptions(udp, 'udp', UDP_OPTIONS)
  checkWebSocketOptions(ws, 'ws', WEBSOCKET_OPTIONS)
}

const UDP_OPTIONS: readonly (keyof UdpOptions)[] = ['maxPacketSize', 'probeUpTo', 'receiveBufferSize', 'sendBufferSize']
const WEBSOCKET_OPTIONS: readonly (keyof WebSocketOptions)[] = [
  'origins',
  'clientAddress',
  'limits',
  'headers',
  'ca',
  'serverName',
]
