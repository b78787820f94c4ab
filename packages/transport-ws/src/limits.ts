import { checkInteger, checkOptions } from '@stt/errors'

/** Limits of a WebSocket link and its listener. Times are in milliseconds. */
export interface WebSocketLimits {
  /** Time from a connection to its complete upgrade request. Default: 5,000. */
  readonly headerTimeout: number
  /** Time of a dial, from the name look-up to the answered upgrade. Default: 10,000. */
  readonly dialTimeout: number
  /** Largest request or response head, in bytes of its path, header names and header values. Default: 8,192. */
  readonly maxHeaderSize: number
  /** Time from an accepted link to its `confirm()`; then the link is closed. Default: 5,000. */
  readonly proofTimeout: number
  /** Silence after which the link sends a Ping; after as much again it is given up. Default: 30,000. */
  readonly pingInterval: number
  /** Time without a packet in either direction after which a link is closed. Default: 120,000. */
  readonly idleTimeout: number
  /** Time from the start of a close to the end of the connection, whatever the other end does. Default: 3,000. */
  readonly closeTimeout: number
  /** Ping and Pong frames that a link takes in one `pingInterval`. Default: 32. */
  readonly maxControlFrames: number
  /** Bytes that wait for the network from which `send` answers `false`. Default: 524,288. */
  readonly highWaterMark: number
  /** Links of a listener after `confirm()`. Default: 10,000. */
  readonly maxLinks: number
  /** Links after `confirm()` from one address; an IPv6 address counts with its /64. Default: 1,024. */
  readonly maxLinksPerAddress: number
  /** Connections of a listener before `confirm()`, upgraded or not; as many again may wait for a place. Default: 1,024. */
  readonly maxUnproved: number
  /** Connections before `confirm()` from one address. Default: 256. */
  readonly maxUnprovedPerAddress: number
  /** Silence after which a connection before `confirm()` may lose its place to a new one. Default: 1,000. */
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

/** Fills in the defaults and checks each limit against its range. @throws SttError `STT_INVALID_ARGUMENT` */
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
