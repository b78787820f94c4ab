import { bytesOf, checkInteger, checkOptions, checkType, describe, SttError } from '@stt/errors'
import { CONNECTION_ID_SIZE, MAX_PACKET_NUMBER, MIN_IDLE_TIMEOUT, type TransportLimits } from '@stt/frame'
import type { Follower } from './path/path-policy.ts'
import { RESET_TOKEN_SIZE } from './reset-token.ts'
import type { SessionConfig, SessionOptions } from './session-config.ts'

/**
 * Checks a whole configuration before any of it is used: a short id or a missing source fails here, and not in the middle
 * of a packet. When this throws the caller still owns the secrets.
 *
 * @throws SttError `STT_INVALID_ARGUMENT` that names the field
 */
export function checkConfig(config: SessionConfig): void {
  if (typeof config !== 'object' || config === null) {
    throw invalid(`the configuration of a session is an object, not ${describe(config)}`)
  }
  const { role, secrets, source, entropy, resetToken, onClosed, now } = config
  if (role !== 'initiator' && role !== 'responder') {
    throw invalid(`role is 'initiator' or 'responder', not ${describe(role)}`)
  }
  if (role === 'responder' && typeof (config.follow as Partial<Follower> | undefined)?.createPolicy !== 'function') {
    throw invalid('a responder needs followPeer of @stt/session/listen: pass it as follow')
  }
  checkBytes(config.id, 'id', SESSION_ID_SIZE)
  checkBytes(config.localCid, 'localCid', CONNECTION_ID_SIZE)
  checkBytes(config.remoteCid, 'remoteCid', CONNECTION_ID_SIZE)
  checkBytes(config.peerId, 'peerId', NODE_ID_SIZE)
  for (const name of ['send', 'receive', 'exporter'] as const) {
    checkBytes(secrets?.[name], `secrets.${name}`, SECRET_SIZE)
  }
  if (resetToken !== undefined) checkBytes(resetToken, 'resetToken', RESET_TOKEN_SIZE)
  checkLimits(config.localLimits, 'localLimits')
  checkLimits(config.peerLimits, 'peerLimits')
  for (const name of SOURCE_METHODS) checkType(source?.[name], `source.${name}`, 'function')
  if (entropy !== undefined) checkType(entropy, 'entropy', 'function')
  if (onClosed !== undefined) checkType(onClosed, 'onClosed', 'function')
  if (!Number.isFinite(now)) throw invalid(`now is milliseconds of a clock, not ${describe(now)}`)
  checkSessionOptions(config.options)
}

/** @returns `value` as bytes of exactly this length. @throws SttError `STT_INVALID_ARGUMENT` */
export function checkBytes(value: unknown, what: string, length: number): Uint8Array {
  const bytes = bytesOf(value, what)
  if (bytes.length !== length) throw invalid(`${what} has ${length} bytes, not ${bytes.length}`)
  return bytes
}

function checkLimits(limits: TransportLimits, what: string): void {
  for (const name of LIMITS) checkInteger(limits?.[name], `${what}.${name}`, 0, Number.MAX_SAFE_INTEGER)
  checkInteger(limits.idleTimeout, `${what}.idleTimeout`, MIN_IDLE_TIMEOUT, Number.MAX_SAFE_INTEGER)
}

function checkSessionOptions(options: SessionOptions | undefined): void {
  checkOptions(options, 'a session', OPTIONS)
  const {
    keepAlive = false,
    detachedTimeout,
    dormantTimeout,
    keyUpdate,
    datagramQueue,
    maxPacketNumber,
    maxFailures,
  } = options ?? {}
  if (keepAlive !== false && !(typeof keepAlive === 'number' && keepAlive >= 1)) {
    throw invalid(`keepAlive is false, or milliseconds from 1 on, not ${describe(keepAlive)}`)
  }
  for (const [name, time] of Object.entries({ detachedTimeout, dormantTimeout })) {
    if (time === undefined || (typeof time === 'number' && time >= 0)) continue
    throw invalid(`${name} is milliseconds, not ${describe(time)}`)
  }
  if (datagramQueue !== undefined) checkInteger(datagramQueue, 'datagramQueue', 1, Number.MAX_SAFE_INTEGER)
  if (maxPacketNumber !== undefined) checkInteger(maxPacketNumber, 'maxPacketNumber', 1, MAX_PACKET_NUMBER)
  if (maxFailures !== undefined) checkInteger(maxFailures, 'maxFailures', 1, Number.MAX_SAFE_INTEGER)
  checkOptions(keyUpdate, 'keyUpdate', KEY_UPDATE)
  for (const name of KEY_UPDATE) {
    const limit = keyUpdate?.[name]
    if (limit !== undefined) checkInteger(limit, `keyUpdate.${name}`, 1, Number.MAX_SAFE_INTEGER)
  }
}

function invalid(message: string): SttError {
  return new SttError('STT_INVALID_ARGUMENT', message)
}

export const SESSION_ID_SIZE = 16
export const NODE_ID_SIZE = 32
const SECRET_SIZE = 32
const LIMITS = [
  'idleTimeout',
  'maxData',
  'maxStreamData',
  'maxDatagram',
  'maxMessage',
  'maxStreamsBidi',
  'maxStreamsUni',
] as const
const OPTIONS = [
  'keepAlive',
  'detachedTimeout',
  'dormantTimeout',
  'keyUpdate',
  'datagramQueue',
  'maxPacketNumber',
  'maxFailures',
]
const KEY_UPDATE = ['packets', 'bytes', 'age'] as const
/** The methods that every source must have. */
const SOURCE_METHODS = ['hasFrames', 'writeFrames'] as const
