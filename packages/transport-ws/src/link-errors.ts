import { bytesOf, SttError } from '@stt/errors'
import { WebSocketCloseCode } from './codec/close-code.ts'
import { MAX_MESSAGE_SIZE } from './codec/limits.ts'

/** The bytes of a packet to send. Throws for what is no bytes, and when it is larger than any link carries. */
export function packetOf(given: Uint8Array): Uint8Array {
  const packet = bytesOf(given, 'a packet')
  if (packet.length <= MAX_MESSAGE_SIZE) return packet
  throw new SttError('STT_INVALID_ARGUMENT', `a packet has at most ${MAX_MESSAGE_SIZE} bytes, not ${packet.length}`)
}

/** The connection failed beneath the WebSocket. */
export function brokenLink(remote: string, cause: unknown): SttError {
  return new SttError('STT_LINK_FAILED', `the connection to ${remote} broke`, { cause })
}

/**
 * The other end closed; its code means nothing to a session. One code tells a dialer that no handshake has begun, and that
 * it may come back. spec: STT-WS-24, STT-WS-28
 */
export function closedByPeer(remote: string, code: number, reason = ''): SttError {
  if (code === WebSocketCloseCode.tryAgainLater) {
    return full(remote, { limit: reason, otherwise: 'one of its limits is reached' }, { closeCode: code })
  }
  return new SttError('STT_LINK_FAILED', `${remote} closed the WebSocket with code ${code}`, {
    details: { closeCode: code },
  })
}

/**
 * A listener has no place now.
 *
 * @param limit the name of the listener's limit, as it said it: only what can be such a name is told on
 */
export function full(
  remote: string,
  { limit, otherwise }: { readonly limit: unknown; readonly otherwise: string },
  details: Readonly<Record<string, string | number>>,
): SttError {
  const isNamed = typeof limit === 'string' && /^[A-Za-z]{1,40}$/.test(limit)
  const why = isNamed ? `its limit ${limit} is reached` : otherwise
  return new SttError('STT_BUSY', `the listener at ${remote} is full, ${why}: try again later`, {
    details: isNamed ? { ...details, limit } : details,
  })
}

/** The driver's `onPacket` threw: its fault is the reason of this link's end and must not become an uncaught exception. */
export function receiverThrew(cause: unknown): SttError {
  return new SttError('STT_LINK_FAILED', 'the receiver of a packet threw; see the cause', { cause })
}

/** This end closed, because of what the other end did. */
export function closedForViolation(remote: string, code: number, message: string): SttError {
  return new SttError('STT_WEBSOCKET_PROTOCOL', `closed the link to ${remote}: ${message}`, {
    details: { closeCode: code },
  })
}

/** The other end takes nothing, and who sends here does not wait for it. */
export function doesNotRead(remote: string, queuedBytes: number): SttError {
  return new SttError('STT_LINK_FAILED', `${remote} does not read: ${queuedBytes} bytes wait to be sent to it`)
}

/**
 * Bytes above the high-water mark that may wait to be sent. Who heeds the mark never comes near: what is above it are
 * answers to an end that asks and does not read.
 */
export const MAX_OVERRUN = 1_048_576

/** A deadline of the link passed. */
export function outOfTime(remote: string, why: string): SttError {
  return new SttError('STT_TIMEOUT', `closed the link to ${remote}: ${why}`)
}
