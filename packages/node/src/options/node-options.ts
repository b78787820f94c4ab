import { checkType, SttError } from '@stt/errors'
import type { DialWebSocketOptions, ListenWebSocketOptions } from '@stt/transport-ws'
import { type Address, badAddress } from '../addresses/address.ts'
import type { QlogOption } from '../observe/qlog.ts'
import { udpTransport, webSocketTransport } from '../transports.ts'
import { COMMON_OPTIONS, type CommonOptions } from './options.ts'

/** Options of `STTNode.create` in Node. */
export interface NodeOptions extends CommonOptions {
  /** Sizes of packets and of socket buffers for `udp://` addresses. */
  readonly udp?: UdpOptions
  /** Servers, certificates and proxies for `ws://` and `wss://` addresses. */
  readonly ws?: WebSocketOptions
  /**
   * Opens a qlog for a session: `({ id }) => createWriteStream(`${id}.sqlog`)`. Every packet is an event in it, with
   * number, size and time: for looking into one thing, not for always.
   */
  readonly qlog?: QlogOption
}

/** The option `udp`: sizes in bytes. */
export interface UdpOptions {
  /** Largest packet that is sent: 1,200 by default, about 60 KB to loopback addresses. */
  readonly maxPacketSize?: number
  /** Largest packet to probe for, if larger: 1,452, which fits Ethernet, unless `maxPacketSize` is given. */
  readonly probeUpTo?: number
  /** Receive buffer to ask the kernel for: 4 MiB by default. */
  readonly receiveBufferSize?: number
  /** Send buffer to ask the kernel for: 4 MiB by default. */
  readonly sendBufferSize?: number
}

/**
 * The option `ws`. `server`, `tls`, `origins` and `clientAddress` are for listening, `headers`, `ca`, `serverName` and `proxy` for dialing,
 * `limits` for both. With an existing `server` every `ws://` and `wss://` address of `listen` is a path of it: host
 * and port are the server's, and its owner starts and closes it.
 */
export interface WebSocketOptions
  extends Pick<ListenWebSocketOptions, 'server' | 'tls' | 'origins' | 'clientAddress' | 'limits'>,
    Pick<DialWebSocketOptions, 'headers' | 'ca' | 'serverName' | 'proxy'> {}

/** The names that `create` knows in Node. */
export const NODE_OPTIONS: readonly (keyof NodeOptions)[] = [...COMMON_OPTIONS, 'udp', 'ws', 'qlog']

/** The part of `ws` for dialing. */
export const dialingOptions = ({ headers, ca, serverName, proxy, limits }: WebSocketOptions): DialWebSocketOptions => ({
  ...(headers && { headers }),
  ...(ca && { ca }),
  ...(serverName !== undefined && { serverName }),
  ...(proxy !== undefined && { proxy }),
  ...(limits && { limits }),
})

/**
 * The part of `ws` for listening at an address.
 *
 * @throws SttError `STT_BAD_ADDRESS` for `wss://` without what that takes
 */
export async function listeningOptions(
  text: string,
  { scheme }: Address,
  { origins, clientAddress, limits, server, tls }: WebSocketOptions,
): Promise<ListenWebSocketOptions> {
  const { isSecureServer } = await webSocketTransport()
  const secure = scheme === 'wss'
  if (secure && server && !isSecureServer(server)) throw badAddress(text, PLAIN_SERVER)
  if (secure && !server && !tls) throw badAddress(text, NO_CERTIFICATE)
  return {
    ...(origins && { origins }),
    ...(clientAddress && { clientAddress }),
    ...(limits && { limits }),
    ...(server && { server }),
    ...(secure && tls && { tls }),
  }
}

/** @throws SttError `STT_INVALID_ARGUMENT` that names the option of a transport that cannot work */
export async function checkTransportOptions({ udp, ws, listen = [], qlog }: NodeOptions): Promise<void> {
  if (qlog !== undefined) checkType(qlog, 'qlog', 'function')
  if (udp !== undefined) (await udpTransport()).checkUdpOptions(udp, 'udp', UDP_OPTIONS)
  if (ws === undefined) return
  const { checkWebSocketOptions } = await webSocketTransport()
  checkWebSocketOptions(ws, 'ws', WEBSOCKET_OPTIONS)
  if (ws.tls && !listen.some(address => /^wss:/i.test(address))) {
    throw new SttError('STT_INVALID_ARGUMENT', "ws.tls is for listening at wss://: listen: ['wss://0.0.0.0:443']")
  }
  if (ws.server && !listen.some(address => /^wss?:/i.test(address))) {
    const help = "its path, as in listen: ['ws://localhost/stt'], where host and port are the server's own"
    throw new SttError(
      'STT_INVALID_ARGUMENT',
      `ws.server is listened on at a path, and listen names none: give it ${help}`,
    )
  }
}

const NO_CERTIFICATE =
  'to serve wss:// here, give ws: { tls: { cert, key } }, or ws: { server } with an https server; or listen on ws:// behind a proxy that has the certificate'
const PLAIN_SERVER =
  'the server of ws is no https server: listen at its path with ws://, or give one with a certificate'

const UDP_OPTIONS: readonly (keyof UdpOptions)[] = ['maxPacketSize', 'probeUpTo', 'receiveBufferSize', 'sendBufferSize']
const WEBSOCKET_OPTIONS: readonly (keyof WebSocketOptions)[] = [
  'server',
  'tls',
  'origins',
  'clientAddress',
  'limits',
  'headers',
  'ca',
  'serverName',
  'proxy',
]
