import { acceptKey } from './accept-key.ts'
import { listsToken } from './tokens.ts'

/** The request headers of a client (RFC 6455 §4.1). @param key 16 fresh random bytes in base64 */
export function requestHeaders(key: string, subprotocol: string): Record<string, string> {
  return {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': key,
    'Sec-WebSocket-Protocol': subprotocol,
  }
}

/** The reason not to use the connection that a 101 response offers; undefined if there is none. spec: STT-WS-3 */
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
  if (header('sec-websocket-extensions') !== undefined) return 'it agreed to an extension that was not offered'
  // spec: STT-WS-2
  if (header('sec-websocket-protocol') !== subprotocol) return `it does not speak the subprotocol ${subprotocol}`
  return undefined
}
