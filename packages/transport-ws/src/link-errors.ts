import { bytesOf, SttError, type SttErrorCode, type SttErrorOptions, withoutStacks } from '@stt/errors'
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
  return linkError('STT_LINK_FAILED', `the connection to ${remote} broke`, { cause })
}

/** The other end ended the connection, and not the WebSocket before. */
export function endedBelow(remote: string): SttError {
  return linkError('STT_LINK_FAILED', `${remote} ended the connection without closing the WebSocket`)
}

/** The connection is gone, and nobody ended it. */
export function cut(remote: string): SttError {
  return linkError('STT_LINK_FAILED', `the connection to ${remote} was cut`)
}

/** Not even a Ping was answered. */
export function silentFor(seconds: number): SttError {
  return linkError('STT_LINK_FAILED', `the other end was silent for ${seconds} s and a Ping went unanswered`)
}

/**
 * The other end closed; its code means nothing to a session. One code tells a dialer that no handshake has begun, and that
 * it may come back. spec: STT-WS-24, STT-WS-28
 */
export function closedByPeer(remote: string, code: number, reason = ''): SttError {
  const { tryAgainLater } = WebSocketCloseCode
  // spec: STT-WS-25 (a page that others dial by a relay says it so)
  if (code === tryAgainLater || code === tryAgainLater + PRIVATE_CODES) {
    return full(remote, { limit: reason, otherwise: 'one of its limits is reached' }, { closeCode: tryAgainLater })
  }
  return linkError('STT_LINK_FAILED', `${remote} closed the WebSocket with code ${code}`, {
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
  return linkError('STT_BUSY', `the listener at ${remote} is full, ${why}: try again later`, {
    details: isNamed ? { ...details, limit } : details,
  })
}

/** The driver's `onPacket` threw: its fault is the reason of this link's end and must not become an uncaught exception. */
export function receiverThrew(cause: unknown): SttError {
  return linkError('STT_LINK_FAILED', 'the receiver of a packet threw; see the cause', { cause })
}

/** This end closed, because of what the other end did. */
export function closedForViolation(remote: string, code: number, message: string): SttError {
  return linkError('STT_WEBSOCKET_PROTOCOL', `closed the link to ${remote}: ${message}`, {
    details: { closeCode: code },
  })
}

/** The other end takes nothing, and who sends here does not wait for it. */
export function doesNotRead(remote: string, queuedBytes: number): SttError {
  return linkError('STT_LINK_FAILED', `${remote} does not read: ${queuedBytes} bytes wait to be sent to it`)
}

/**
 * Bytes above the high-water mark that may wait to be sent. Who heeds the mark never comes near: what is above it are
 * answers to an end that asks and does not read.
 */
export const MAX_OVERRUN = 1_048_576

/** What a page adds to close codes that it may not send. */
export const PRIVATE_CODES = 3_000

/** A deadline of the link passed. */
export function outOfTime(remote: string, why: string): SttError {
  return linkError('STT_TIMEOUT', `closed the link to ${remote}: ${why}`)
}

/**
 * Without a stack: what ends a link comes from an event of its socket or a timer, and that is all that a stack would tell.
 * With one an error costs ten times as much, and whoever connects and goes away again has a listener make one each time.
 */
function linkError(code: SttErrorCode, message: string, options?: SttErrorOptions): SttError {
  return withoutStacks(makeError, code, message, options)
}

const makeError = (code: SttErrorCode, message: string, options?: SttErrorOptions): SttError =>
  new SttError(code, message, options)
