import {
  type CryptoProvider,
  createCke,
  provider as defaultProvider,
  type Entropy,
  type Identity,
  type SeedKeys,
} from '@stt/crypto'
import { bytesOf, checkOptions, checkType, describe, SttError } from '@stt/errors'
import { MIN_IDLE_TIMEOUT, type PathTerms, type TransportLimits } from '@stt/frame'
import { decode, encode, encodedSize, type Value } from '@stt/serialize'
import { CID_LENGTH, TOKEN_LENGTH } from './header.ts'
import { DEFAULT_PATHS, pathsFault } from './path-terms.ts'
import { LIMIT_KEYS, MAX_METADATA_LENGTH } from './payload-fields.ts'
import { offeredSuites, type Suite } from './suite.ts'

/** The options of both sides of a handshake. */
export interface HandshakeConfig {
  /** This side's static key pair. */
  readonly identity: Identity
  /** The random source, for the ephemeral key, the nonce and the KEM. */
  readonly entropy: Entropy
  /** The limits that the peer has to keep: bytes, streams, idle time. */
  readonly limits: TransportLimits
  /**
   * The terms on which this side lets a session use links. Unless given: version 1, four paths, no hole punching, and no
   * waiting for a silent peer.
   */
  readonly paths?: PathTerms | undefined
  /** Own connection id: 8 random bytes, unique in a node over all its sockets and links. */
  readonly localCid: Uint8Array
  /** Whether the link carries datagrams: HELLO is then padded to 1,200 bytes, and a long AUTH_PROOF or FINAL is split. */
  readonly datagram: boolean
  /**
   * Any value for the peer, at most 512 bytes encoded. A responder tells only a peer that it lets in, an initiator only the
   * peer whose static key answered.
   */
  readonly metadata?: Value | undefined
  /** The suites to offer and accept; both unless given. */
  readonly suites?: readonly Suite[] | undefined
  /** Whether to offer and accept the hybrid suite only; false unless given. */
  readonly requireHybrid?: boolean | undefined
  /** A 32-byte secret shared with this one peer, mixed in place of the seed's psk3; undefined for a peer without one. */
  readonly pairwise?: ((peerId: Uint8Array) => Uint8Array | undefined) | undefined
  /** The cryptography; the platform's unless given. */
  readonly provider?: CryptoProvider | undefined
  /** Milliseconds from the first message until the run is given up; 10,000 unless given. */
  readonly timeout?: number | undefined
}

export interface InitiatorConfig extends HandshakeConfig {
  /** The keys of the seed. */
  readonly keys: SeedKeys
  /** The node id that must answer; answers of other nodes are ignored. */
  readonly expectedPeer?: Uint8Array | undefined
  /** Whether a peer that has proved this id may learn who dials; all may unless given. Asked after `expectedPeer`. */
  readonly allowPeer?: ((peerId: Uint8Array) => boolean) | undefined
  /** The 32-byte token of a RETRY that answered an earlier HELLO. */
  readonly token?: Uint8Array | undefined
}

export interface ResponderConfig extends HandshakeConfig {
  /** One seed's keys, or those of every seed that this side answers to (at most 1,024). */
  readonly keys: SeedKeys | readonly SeedKeys[]
}

/** The parts of a configuration that an engine works with, checked. */
export interface HandshakeSettings {
  readonly identity: Identity
  readonly entropy: Entropy
  readonly limits: TransportLimits
  readonly paths: PathTerms
  readonly localCid: Uint8Array
  readonly datagram: boolean
  readonly metadata: Value | undefined
  readonly suites: readonly number[]
  readonly pairwise: ((peerId: Uint8Array) => Uint8Array | undefined) | undefined
  readonly provider: CryptoProvider
  readonly timeout: number
}

/** @throws STT_INVALID_ARGUMENT that names the field */
export function checkConfig(config: HandshakeConfig): HandshakeSettings {
  const { identity, entropy, limits, localCid, datagram, metadata, pairwise } = config
  const provider = config.provider ?? defaultProvider
  const timeout = config.timeout ?? DEFAULT_TIMEOUT
  checkType(entropy, 'entropy', 'function')
  checkType(datagram, 'datagram', 'boolean')
  if (pairwise !== undefined) checkType(pairwise, 'pairwise', 'function')
  if (typeof identity?.keyPair?.agree !== 'function') {
    throw invalid(`identity must be an Identity, not ${describe(identity)}: Identity.generate() makes one`)
  }
  if (typeof timeout !== 'number' || !(timeout > 0)) {
    throw invalid(`timeout is a number of milliseconds above 0, not ${describe(timeout)}`)
  }
  if (typeof limits !== 'object' || limits === null) {
    throw invalid(`limits must say what the peer may do, not ${describe(limits)}`)
  }
  for (const key of LIMIT_KEYS) {
    if (!Number.isSafeInteger(limits[key]) || limits[key] < 0) {
      throw invalid(`limits.${key} is an integer from 0 to 2^53-1, not ${describe(limits[key])}`)
    }
  }
  if (limits.idleTimeout < MIN_IDLE_TIMEOUT) {
    throw invalid(`limits.idleTimeout is at least ${MIN_IDLE_TIMEOUT} milliseconds, not ${limits.idleTimeout}`)
  }
  return {
    identity,
    entropy,
    limits,
    paths: checkPaths(config.paths),
    localCid: exactBytes(localCid, CID_LENGTH, 'localCid').slice(),
    datagram,
    metadata: metadata === undefined ? undefined : checkMetadata(metadata),
    suites: offeredSuites(config.suites, config.requireHybrid),
    pairwise,
    provider,
    timeout,
  }
}

/** The options that only a dialer has. */
export type DialerFacts = Pick<InitiatorConfig, 'keys' | 'expectedPeer' | 'allowPeer' | 'token'>

/** @throws STT_INVALID_ARGUMENT that names the field */
export function checkInitiatorConfig(config: InitiatorConfig): { settings: HandshakeSettings; facts: DialerFacts } {
  checkNames(config, 'an Initiator', INITIATOR_OPTIONS)
  const { keys, expectedPeer, allowPeer, token } = config
  if (allowPeer !== undefined) checkType(allowPeer, 'allowPeer', 'function')
  const facts: DialerFacts = {
    keys: checkSeedKeys([keys])[0]!,
    allowPeer,
    expectedPeer: expectedPeer && exactBytes(expectedPeer, NODE_ID_LENGTH, 'expectedPeer'),
    token: token && exactBytes(token, TOKEN_LENGTH, 'token'),
  }
  return { settings: checkConfig(config), facts }
}

/** @throws STT_INVALID_ARGUMENT that names the field */
export function checkResponderConfig(config: ResponderConfig): HandshakeSettings {
  checkNames(config, 'a Responder', RESPONDER_OPTIONS)
  return checkConfig(config)
}

/** Refuses what is no configuration and names that it does not have. @throws STT_INVALID_ARGUMENT */
export function checkNames(config: unknown, what: string, names: readonly string[]): void {
  if (config === undefined) throw invalid(`${what} needs a configuration`)
  checkOptions(config, what, names)
}

/** The seeds' keys as a list. @throws STT_INVALID_ARGUMENT for none or more than 1,024, or what is no keys */
export function checkSeedKeys(keys: SeedKeys | readonly SeedKeys[]): readonly SeedKeys[] {
  const list: readonly SeedKeys[] = Array.isArray(keys) ? keys : [keys]
  for (const each of list) {
    if (typeof each !== 'object' || each === null || !('mac1' in each)) {
      throw invalid(`keys must be those of a seed, not ${describe(each)}: seed.deriveKeys() gives them`)
    }
  }
  if (list.length === 0) throw invalid('at least one seed is needed')
  // spec: STT-HS-36
  if (list.length > MAX_SEEDS) throw invalid(`one listener answers to at most ${MAX_SEEDS} seeds, not ${list.length}`)
  return list
}

/**
 * The pre-shared key that ends AUTH_PROOF: the seed's, or one made from the secret that is shared with this peer alone;
 * undefined when there should be such a secret and is none. A copy, for the caller to wipe. spec: STT-HS-38
 *
 * @throws STT_INVALID_ARGUMENT for a secret that is not 32 bytes
 */
export function pairwisePsk(settings: HandshakeSettings, peerId: Uint8Array, psk3: Uint8Array): Uint8Array | undefined {
  if (settings.pairwise === undefined) return psk3.slice()
  const secret = settings.pairwise(peerId)
  if (secret === undefined) return undefined
  if (secret.length !== 32) throw invalid(`a pairwise secret is 32 bytes, not ${secret.length}`)
  return createCke(settings.provider).derive(secret, 'pairwise', NO_CONTEXT, 32)
}

function checkPaths(paths: PathTerms = DEFAULT_PATHS): PathTerms {
  if (typeof paths !== 'object' || paths === null) {
    throw invalid(`paths must say what this side can do with links, not ${describe(paths)}`)
  }
  const { version, maxPaths, punch, detached } = paths
  const fault = pathsFault(paths)
  if (fault !== undefined) throw invalid(fault)
  return { version, maxPaths, punch, detached }
}

function checkMetadata(metadata: Value): Value {
  const size = sizeOf(metadata)
  // spec: STT-HS-12
  if (size > MAX_METADATA_LENGTH) {
    throw invalid(`metadata is at most ${MAX_METADATA_LENGTH} bytes encoded, not ${size}; send more on a stream`)
  }
  // Decoding refuses, here and not at the peer, typed numbers, which are not canonical; and it makes a copy.
  return decode(encode(metadata), { canonical: true, typed: false, copy: true })
}

function sizeOf(metadata: Value): number {
  try {
    return encodedSize(metadata)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new SttError('STT_INVALID_ARGUMENT', `metadata cannot be told to peers: ${why}`, { cause })
  }
}

/** Bytes of exactly this length. @throws STT_INVALID_ARGUMENT */
export function exactBytes(value: Uint8Array, length: number, what: string): Uint8Array {
  const bytes = bytesOf(value, what)
  if (bytes.length !== length) throw invalid(`${what} is ${length} bytes, not ${bytes.length}`)
  return bytes
}

function invalid(message: string): SttError {
  return new SttError('STT_INVALID_ARGUMENT', message)
}

export const MAX_SEEDS = 1024
const DEFAULT_TIMEOUT = 10_000
const NODE_ID_LENGTH = 32
/** The names that both sides, and a manager for its runs, take. */
export const COMMON_OPTIONS: readonly (keyof HandshakeConfig)[] = [
  'identity',
  'entropy',
  'limits',
  'paths',
  'metadata',
  'suites',
  'requireHybrid',
  'pairwise',
  'provider',
  'timeout',
]
const RESPONDER_OPTIONS: readonly string[] = [...COMMON_OPTIONS, 'localCid', 'datagram', 'keys']
const INITIATOR_OPTIONS: readonly string[] = [...RESPONDER_OPTIONS, 'expectedPeer', 'allowPeer', 'token']
const NO_CONTEXT = new Uint8Array(0)
