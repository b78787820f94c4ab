import { hash } from 'node:crypto'

/**
 * `Sec-WebSocket-Accept` for a `Sec-WebSocket-Key` (RFC 6455 §4.2.2). The RFC prescribes SHA-1. It protects nothing; it only
 * shows that the other end speaks WebSocket.
 */
export function acceptKey(key: string): string {
  return hash('sha1', key + GUID, 'base64')
}

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
