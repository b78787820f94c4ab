import { bytesOf, SttError, type SttErrorCode, type SttErrorOptions, withoutStacks } from '@stt/errors'
import { WebSocketCloseCode } from './codec/close-code.ts'
import { MAX_MESSAGE_SIZE } from './codec/limits.ts'

/** The bytes of a packet to send. @throws SttError `STT_INVALID_ARGUMENT` for no bytes, or more than a link carries */
export function packetOf(given: Uint8Array): Uint8Array {
  const packet = bytesOf(given, 'a packet')
  if (packet.length <= MAX_MESSAGE_SIZE) return packet
  throw new SttError('STT_INVALID_ARGUMENT', `a packet has at most ${MAX_MESSAGE_SIZE} bytes, not ${packet.length}`)
}

/** The connection below the WebSocket failed. */
export function brokenLink(remote: string, cause: unknown): SttError {
  return linkError('STT_LINK_FAILED', `the connection to ${remote} broke`, { cause })
}

/** The other end ended the connection without closing the WebSocket. */
export function endedBelow(remote: string): SttError {
  return linkError('STT_LINK_FAILED', `${remote} ended the connection without closing the WebSocket`)
}

/** The connection is gone, and neither end closed it. */
export function cut(remote: string): SttError {
  return linkError('STT_LINK_FAILED', `the connection to ${remote} was cut`)
}

/** The other end answered not even a Ping. */
export function silentFor(seconds: number): SttError {
  return linkError('STT_LINK_FAILED', `the other end was silent for ${seconds} s and a Ping went unanswered`)
}

/**
 * The other end closed. Its code means nothing to a session, with one exception: `tryAgainLater` tells a dialer that no handshake
 * has begun and that it may dial again. spec: STT-WS-24, STT-WS-28
 */
export function closedByPeer(remote: string, code: number, reason = ''): SttError {
  const { tryAgainLater } = WebSocketCloseCode
  // spec: STT-WS-25 (a page that is dialed through a relay sends the private code)
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
 * @param limit the listener's word for its limit; repeated in the error only if it can be the name of one
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

/** The `onPacket` handler threw. That ends the link and must not become an uncaught exception. */
export function receiverThrew(cause: unknown): SttError {
  return linkError('STT_LINK_FAILED', 'the receiver of a packet threw; see the cause', { cause })
}

/** This end closed because the other end broke a rule. */
export function closedForViolation(remote: string, code: number, message: string): SttError {
  return linkError('STT_WEBSOCKET_PROTOCOL', `closed the link to ${remote}: ${message}`, {
    details: { closeCode: code },
  })
}

/** The other end reads nothing, and the sender at this end does not wait for it. */
export function doesNotRead(remote: string, queuedBytes: number): SttError {
  return linkError('STT_LINK_FAILED', `${remote} does not read: ${queuedBytes} bytes wait to be sent to it`)
}

/**
 * Bytes above the high-water mark that may wait to be sent. A sender that heeds the mark never comes near. More means answers
 * to a peer that asks and does not read.
 */
export const MAX_OVERRUN = 1_048_576

/** A page adds this to the close codes that it may not send. */
export const PRIVATE_CODES = 3_000

/** A deadline of the link has passed. */
export function outOfTime(remote: string, why: string): SttError {
  return linkError('STT_TIMEOUT', `closed the link to ${remote}: ${why}`)
}

/**
 * Makes an error without a stack. A link ends in an event of its socket or a timer, and a stack would tell no more than that. It
 * makes an error ten times as expensive, and each client that connects and leaves makes the listener create one.
 */
function linkError(code: SttErrorCode, message: string, options?: SttErrorOptions): SttError {
  return withoutStacks(makeError, code, message, options)
}

const makeError = (code: SttErrorCode, message: string, options?: SttErrorOptions): SttError =>
  new SttError(code, message, options)
