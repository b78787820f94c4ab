import { loadPart } from '@stt/errors'

type Udp = typeof import('@stt/transport-udp')
type WebSockets = typeof import('@stt/transport-ws')

// A program uses one transport or the other, and what Node needs for WebSockets, TLS included, is a fifth of what it takes to
// import this package. So each is loaded by the first address, option or hole to punch that needs it.

/** @throws SttError `STT_LOAD_FAILED` */
export const udpTransport = (): Promise<Udp> => loadPart('what UDP takes', () => import('@stt/transport-udp'))

/** @throws SttError `STT_LOAD_FAILED` */
export const webSocketTransport = (): Promise<WebSockets> =>
  loadPart('what WebSockets take', () => import('@stt/transport-ws'))
