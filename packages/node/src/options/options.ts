import type { CryptoProvider, Identity, Seed } from '@stt/crypto'
import { checkOptions, checkType, describe, SttError } from '@stt/errors'
import type { Value } from '@stt/serialize'
import { badAddress, parseAddress } from '../addresses/address.ts'
import type { DiscoveryOptions } from '../discovery/discovery-options.ts'
import { type CheckedSeed, checkSeed, checkSeeds, type DatedSeed, missingSeed } from '../keys/seeds.ts'
import type { Authorize } from '../peers/incoming-check.ts'
import type { Peers } from '../peers/peers.ts'
import type { NodeLimits } from './node-limits.ts'
import type { PathOptions } from './path-options.ts'

/** Options of `STTNode.create` on every platform. */
export interface CommonOptions {
  /** The secret that both ends share. Give either `seed` or `seeds`. */
  readonly seed?: Seed
  /**
   * Several seeds, to replace one by another: the first dials, all of them are answered, and `{ seed, notAfter }` ends by
   * itself. `setSeeds` replaces them on a running node.
   */
  readonly seeds?: readonly (Seed | DatedSeed)[]
  /** Key pair that makes this node's id; a new one at each start by default. */
  readonly identity?: Identity
  /** Computes hashes, keys and ciphers in place of the platform: `sodiumProvider` of `@stt/crypto/sodium`. */
  readonly provider?: CryptoProvider
  /**
   * Addresses to listen on: `udp://127.0.0.1:0`, `ws://127.0.0.1:0`. Port 0 takes a free one. With an empty list
   * the node cannot be dialed, not even through its relays.
   */
  readonly listen?: readonly string[]
  /**
   * Relays, `wss://relay.example`, at most 16. The node listens at two of them, unless `listen` is empty, and finds other nodes
   * there by their id: `connect({ peer })`.
   */
  readonly relays?: readonly string[]
  /** Allows `ws://` relays on other machines, where names and proofs of access travel in the clear. `false` by default. */
  readonly plainRelays?: boolean
  /** How nodes of the same seed find each other without an address. */
  readonly discovery?: DiscoveryOptions
  /**
   * Which holders of the seed may connect: `'any'` (the default), `{ trustOnFirstUse: store, max? }`,
   * `{ allow: ids }`, or `{ pairwise: id => secret }`.
   */
  readonly peers?: Peers
  /** Decides about each peer that dials in, after it has proved its id. Only `true` lets it in; an error refuses it. */
  readonly authorize?: Authorize
  /** Refuses handshakes that use X25519 without ML-KEM-768. `false` by default. */
  readonly requireHybrid?: boolean
  /** Sent to peers in the handshake, at most 512 bytes encoded. A listener sends it only to peers that it lets in. */
  readonly metadata?: Value
  /** Milliseconds of silence after which a dialing node sends a PING, at least 100; `false` for never. 15 s by default. */
  readonly keepAlive?: number | false
  /** Limits on peers and on waiting; each has a default. */
  readonly limits?: Partial<NodeLimits>
  /** Which paths sessions use, and how long a session without a path is kept. */
  readonly paths?: PathOptions
}

/** The names that `create` knows on every platform. */
export const COMMON_OPTIONS: readonly (keyof CommonOptions)[] = [
  'seed',
  'seeds',
  'identity',
  'provider',
  'listen',
  'relays',
  'plainRelays',
  'discovery',
  'peers',
  'authorize',
  'requireHybrid',
  'metadata',
  'keepAlive',
  'limits',
  'paths',
]

/**
 * Refuses what could never work, before anything is bound.
 *
 * @param known the names that the platform's `create` knows
 * @throws SttError `STT_INVALID_ARGUMENT` with the reason, `STT_BAD_ADDRESS`
 */
export function checkNodeOptions(options: CommonOptions, known: readonly string[]): void {
  if (options === undefined) throw missingSeed()
  checkOptions(options, 'create', known)
  const { identity, provider, listen, plainRelays, authorize, requireHybrid, keepAlive } = options
  if (identity !== undefined && !isIdentity(identity)) {
    const help = 'Identity.fromPrivateKey(bytes) makes one of a kept key, Identity.generate() a new one'
    throw invalid(`identity must be an Identity, not ${describe(identity)}: ${help}`)
  }
  if (provider !== undefined && !isProvider(provider)) {
    throw invalid(`provider must be a CryptoProvider, as sodiumProvider is, not ${describe(provider)}`)
  }
  if (listen !== undefined) checkListen(listen)
  if (plainRelays !== undefined) checkType(plainRelays, 'plainRelays', 'boolean')
  if (authorize !== undefined) checkType(authorize, 'authorize', 'function')
  if (requireHybrid !== undefined) checkType(requireHybrid, 'requireHybrid', 'boolean')
  if (keepAlive !== undefined && keepAlive !== false) checkKeepAlive(keepAlive)
  checkCombination(options)
}

/**
 * The seeds of a node, the one to dial with first.
 *
 * @param now milliseconds since 1970
 * @throws SttError `STT_INVALID_ARGUMENT`
 */
export function resolveSeeds({ seed, seeds }: CommonOptions, now: number): readonly CheckedSeed[] {
  if (seed === undefined) return checkSeeds(seeds ?? [], now)
  if (seeds !== undefined) throw invalid('give either seed or seeds, not both')
  return [checkSeed(seed)]
}

function checkListen(listen: unknown): void {
  if (!Array.isArray(listen)) {
    throw invalid(`listen is a list of addresses, such as ['ws://127.0.0.1:0'], not ${describe(listen)}`)
  }
  for (const address of listen) {
    if (parseAddress(address).relay) throw badAddress(address, 'the option relays names where to listen so')
    if (address.includes('?')) throw badAddress(address, 'a listener looks at no ?query: leave it out')
  }
}

/** Whether others can dial the node, at an address of its own or at a relay. */
export const canBeDialed = (options: Pick<CommonOptions, 'listen' | 'relays'>): boolean =>
  isListed(options.listen) || listensAtRelays(options)

/** An empty `listen` asks for a node that cannot be dialed. */
export const listensAtRelays = ({ listen, relays }: Pick<CommonOptions, 'listen' | 'relays'>): boolean =>
  isListed(relays) && (listen === undefined || isListed(listen))

const isListed = (addresses: readonly string[] | undefined): boolean => addresses !== undefined && addresses.length > 0

function checkKeepAlive(keepAlive: unknown): void {
  const isTime = Number.isSafeInteger(keepAlive)
  const time = keepAlive as number
  if (isTime && time >= SHORTEST_KEEP_ALIVE && time <= LONGEST_KEEP_ALIVE) return
  const range = `from ${SHORTEST_KEEP_ALIVE} to ${LONGEST_KEEP_ALIVE}`
  throw invalid(`keepAlive must be whole milliseconds ${range}, or false for never, not ${describe(keepAlive)}`)
}

function checkCombination(options: CommonOptions): void {
  const { authorize, peers, identity } = options
  if (authorize && !canBeDialed(options)) {
    throw invalid(
      'authorize is asked about peers that dial in: without listen or relays it is never asked. Pin who is dialed with connect(url, { peer })',
    )
  }
  if (typeof peers === 'object' && peers !== null && 'pairwise' in peers && !identity) {
    throw invalid(
      'a pairwise secret is kept under a node id, and without identity this node has another id at each start: give it one',
    )
  }
}

// By what they can do, not by their class: a program may hold two versions of the package that makes them.
const isIdentity = (value: unknown): value is Identity =>
  hasMethods(value, ['resetKey', 'toBytes']) && hasMethods((value as Identity).keyPair, ['agree'])
// Only whether it has them: what is read of it is what it computes.
const isProvider = (value: unknown): value is CryptoProvider =>
  typeof value === 'object' && value !== null && PROVIDER_PARTS.every(name => name in value)

function hasMethods(value: unknown, names: readonly string[]): boolean {
  if (typeof value !== 'object' || value === null) return false
  return names.every(name => typeof (value as Record<string, unknown>)[name] === 'function')
}

const invalid = (message: string): SttError => new SttError('STT_INVALID_ARGUMENT', message)

const PROVIDER_PARTS = ['hash', 'hmac', 'aead', 'keyPair', 'generateKeyPair', 'kem']
/** Milliseconds. More often than this says nothing new, and costs both ends. */
const SHORTEST_KEEP_ALIVE = 100
const LONGEST_KEEP_ALIVE = 86_400_000
