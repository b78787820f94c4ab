import { acceptKey } from './accept-key.ts'
import { listsToken } from './tokens.ts'

/** The headers with which a client asks for STT over WebSocket (RFC 6455 §4.1). `key` is 16 fresh random bytes in base64. */
export function requestHeaders(key: string, subprotocol: string): Record<string, string> {
  return {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': key,
    'Sec-WebSocket-Protocol': subprotocol,
  }
}

/** Why a client must not use the connection that a 101 response offers, or `undefined` when it can. spec: STT-WS-3 */
export function refuseResponse(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  key: string,
  subprotocol: string,
): string | undefined {
  const header = (name: string): string | undefined => {
    const value = headers[name]
    return Array.isArray(value) ? value.join(', ') : value
  }
  if (header('upgrade')?.toLowerCase() !== 'websocket') return 'its Upgrade header is not websocket'
  if (!listsToken(header('connection'), 'upgrade')) return 'its Connection header does not list Upgrade'
  if (header('sec-websocket-accept') !== acceptKey(key))
    return 'its Sec-WebSocket-Accept does not belong to the request'
  // spec: STT-WS-4
  if (header('sec-websocket-extensions') !== undefined) return 'it agreed to an extension that nobody offered'
  // spec: STT-WS-2
  if (header('sec-websocket-protocol') !== subprotocol) return `it does not speak the subprotocol ${subprotocol}`
  return undefined
}
