import { checkInteger, checkOptions } from '@stt/errors'

/** What a WebSocket link and its listener allow. Times are in milliseconds. */
export interface WebSocketLimits {
  /** A connection that has not sent its whole upgrade request by then is ended. */
  readonly headerTimeout: number
  /** Dialing, from the name look-up to the answered upgrade, takes no longer. */
  readonly dialTimeout: number
  /** Largest request or response head, in bytes of its path, header names and header values. */
  readonly maxHeaderSize: number
  /** An accepted link that nobody called `confirm()` on by then is closed. */
  readonly proofTimeout: number
  /** After so much silence a Ping is sent; after as much again the link is given up. */
  readonly pingInterval: number
  /** A link that carried no packet for so long, either way, is closed. */
  readonly idleTimeout: number
  /** From the start of a close to the end of the connection, whatever the other end does. */
  readonly closeTimeout: number
  /** Ping and Pong frames taken in one `pingInterval`. */
  readonly maxControlFrames: number
  /** Bytes handed to the socket and not yet to the network from which on `send` answers `false`. */
  readonly highWaterMark: number
  /** Links of a listener whose other end has proved itself (`confirm()`). */
  readonly maxLinks: number
  /** The same by address; an IPv6 address counts with its /64. */
  readonly maxLinksPerAddress: number
  /** Connections of a listener that have proved nothing yet, upgraded or not; as many again may wait for such a place. */
  readonly maxUnproved: number
  /** The same by address. */
  readonly maxUnprovedPerAddress: number
  /** Such a connection on which nothing came for so long may lose its place to a new one. */
  readonly maxSilence: number
}

export const defaultLimits: WebSocketLimits = {
  headerTimeout: 5_000,
  dialTimeout: 10_000,
  maxHeaderSize: 8_192,
  proofTimeout: 5_000,
  pingInterval: 30_000,
  idleTimeout: 120_000,
  closeTimeout: 3_000,
  maxControlFrames: 32,
  highWaterMark: 512 * 1_024,
  maxLinks: 10_000,
  maxLinksPerAddress: 1_024,
  maxUnproved: 1_024,
  maxUnprovedPerAddress: 256,
  maxSilence: 1_000,
}

/** The limits with their defaults, each checked against its own range. @throws SttError `STT_INVALID_ARGUMENT` */
export function resolveLimits(given: Partial<WebSocketLimits> = {}): WebSocketLimits {
  checkOptions(given, 'limits', Object.keys(RANGES))
  const limits: Record<keyof WebSocketLimits, number> = { ...defaultLimits }
  for (const name of Object.keys(RANGES) as (keyof WebSocketLimits)[]) {
    const value = given[name]
    if (value === undefined) continue
    checkInteger(value, `limits.${name}`, ...RANGES[name])
    limits[name] = value
  }
  return limits
}

/** Milliseconds: a day. */
const LONGEST = 86_400_000
const MANY = 10_000_000

const RANGES: Readonly<Record<keyof WebSocketLimits, readonly [min: number, max: number]>> = {
  headerTimeout: [1, LONGEST],
  dialTimeout: [1, LONGEST],
  maxHeaderSize: [256, 1_048_576],
  proofTimeout: [1, LONGEST],
  pingInterval: [1, LONGEST],
  idleTimeout: [1, LONGEST],
  closeTimeout: [1, LONGEST],
  maxControlFrames: [1, MANY],
  highWaterMark: [1, 2 ** 40],
  maxLinks: [1, MANY],
  maxLinksPerAddress: [1, MANY],
  maxUnproved: [1, MANY],
  maxUnprovedPerAddress: [1, MANY],
  maxSilence: [1, LONGEST],
}
