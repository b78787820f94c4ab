import { checkInteger, checkOptions, checkType, SttError } from '@stt/errors'
import { isAtRelay } from '../relay/relay-address.ts'

/** Which paths the sessions of a node use. */
export interface PathOptions {
  /** Whether a session that this node dialed may go over UDP; `false` dials no `udp://` address. `true` by default. */
  readonly udp?: boolean
  /** Whether a session that this node dialed may go over WebSocket. `true` by default. */
  readonly websocket?: boolean
  /** Whether it may go through a relay; `'only'` uses nothing else and tells the peer no address. `true` by default. */
  readonly relay?: 'only' | boolean
  /**
   * Which addresses of this machine peers learn, so that a session that began at a relay can move to UDP: `'all'` by default,
   * `'public'` without private ones, or `'none'`, which also disables hole punching.
   */
  readonly shareAddresses?: 'all' | 'public' | 'none'
  /**
   * Decides about each address of this machine before a peer learns it, and about each address of a peer before anything is sent
   * there. Only `true` allows it; by default all are allowed.
   */
  readonly candidates?: (candidate: PathCandidate) => boolean
  /**
   * How many routers the first packet to another network passes, 1 to 64: 5 by default, enough to leave a home and its
   * provider's NAT. It must not reach the other network, whose router might then shut the port.
   */
  readonly openerTtl?: number
  /**
   * How many spare paths a dialed session keeps ready, 0 to 3: 1 by default. Each costs a packet each way a few times a minute
   * and saves the time of opening one when it is needed.
   */
  readonly standby?: number
  /**
   * Milliseconds for which a session is kept after silence would have ended it, in case its peer slept or lost its network and
   * comes back. The smaller value of both sides applies; 0 by default.
   */
  readonly detached?: number
}

/** A UDP address to which a session at a relay might move. */
export interface PathCandidate {
  /** Whether it is an address of this machine, or one that the peer claims. */
  readonly side: 'own' | 'peer'
  /** Where it comes from: an interface (`host`), a NAT as others see it (`observed`), a mapping, or configuration. */
  readonly source: 'host' | 'observed' | 'mapped' | 'configured'
  /** An IP address. */
  readonly address: string
  /** UDP port, 1 to 65,535. */
  readonly port: number
}

/** The same with every default filled in. */
export type CheckedPaths = Required<PathOptions>

/** @throws SttError `STT_INVALID_ARGUMENT` that names the option */
export function resolvePaths(given: PathOptions | undefined): CheckedPaths {
  checkOptions(given, 'paths', [
    'udp',
    'websocket',
    'relay',
    'shareAddresses',
    'candidates',
    'openerTtl',
    'standby',
    'detached',
  ])
  const { udp = true, websocket = true, relay = true, shareAddresses = 'all', standby = 1, detached = 0 } = given ?? {}
  const { candidates = () => true, openerTtl = OPENER_TTL } = given ?? {}
  checkType(udp, 'paths.udp', 'boolean')
  checkType(websocket, 'paths.websocket', 'boolean')
  if (relay !== 'only') checkType(relay, "paths.relay, where it is not 'only',", 'boolean')
  if (!SHARES.includes(shareAddresses))
    throw new SttError('STT_INVALID_ARGUMENT', `paths.shareAddresses is one of ${SHARES.join(', ')}`)
  checkType(candidates, 'paths.candidates', 'function')
  checkInteger(openerTtl, 'paths.openerTtl', 1, MOST_HOPS)
  checkInteger(standby, 'paths.standby', 0, MOST_STANDBY)
  checkInteger(detached, 'paths.detached', 0, LONGEST)
  if (!udp && !websocket && !relay) {
    throw new SttError('STT_INVALID_ARGUMENT', 'paths rules out all of them: no session could be dialed')
  }
  return { udp, websocket, relay, shareAddresses, candidates, openerTtl, standby, detached }
}

/**
 * The addresses that may be dialed.
 *
 * @throws SttError `STT_INVALID_ARGUMENT` when the options of the node rule all of them out
 */
// spec: STT-RLY-33
export function dialable(addresses: readonly string[], paths: CheckedPaths): readonly string[] {
  const allowed = addresses.filter(text => isDialable(text, paths))
  if (allowed.length > 0 || addresses.length === 0) return allowed
  const message = `the option paths of this node rules out ${addresses.join(', ')}`
  throw new SttError('STT_INVALID_ARGUMENT', message)
}

/** Whether an address may be dialed. */
// spec: STT-RLY-33
export function isDialable(text: string, { udp, websocket, relay }: CheckedPaths): boolean {
  if (isAtRelay(text)) return relay !== false
  return relay !== 'only' && (/^udp:/i.test(text) ? udp : websocket)
}

/** Whether holes are punched: a peer that is told nothing cannot help. */
// spec: STT-RLY-33
export const punchesHoles = ({ udp, relay, shareAddresses }: CheckedPaths): boolean =>
  udp && relay !== 'only' && shareAddresses !== 'none'

// spec: STT-PKT-61
export const OPENER_TTL = 5
const SHARES = ['all', 'public', 'none']
const MOST_STANDBY = 3
const MOST_HOPS = 64
/** Milliseconds: a day. */
const LONGEST = 86_400_000
