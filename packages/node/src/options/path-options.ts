import { checkInteger, checkOptions, checkType, SttError } from '@stt/errors'
import { isAtRelay } from '../relay/relay-address.ts'

/** Which paths the sessions of a node use. */
export interface PathOptions {
  /** Whether a session that this node dialed may go over UDP: `false` dials no `udp://` address. */
  readonly udp?: boolean
  /** The same for WebSocket. */
  readonly websocket?: boolean
  /** The same for relays. `'only'`: it goes over nothing else, and its peer is told no address. */
  readonly relay?: 'only' | boolean
  /**
   * Which addresses of this machine its peers are told, so that a session that began at a relay goes over UDP by itself: all
   * unless given; those that are not private; none, and no hole is punched.
   */
  readonly shareAddresses?: 'all' | 'public' | 'none'
  /**
   * Asked of each address that a peer would be told of this machine, and of each that a peer named before anything is sent
   * there. Only `true` lets it be used; all are unless given.
   */
  readonly candidates?: (candidate: PathCandidate) => boolean
  /**
   * How many routers the first packet to the address of another network passes, 1 to 64: 5 unless given, enough to leave a
   * home and its provider's NAT. It must not come as far as the other's, whose router might then shut the port.
   */
  readonly openerTtl?: number
  /**
   * How many other paths a dialed session keeps ready beside the one that it uses, 0 to 3: 1 unless given. Each costs a packet
   * each way some times a minute, and saves the time of opening one when it is needed.
   */
  readonly standby?: number
  /**
   * Milliseconds for which a session is kept after it would have ended by silence, in case its peer comes back: it slept, or
   * its network was gone. The smaller of both sides' counts; 0 unless given.
   */
  readonly detached?: number
}

/** An address of UDP that a session which goes by a relay might go over. */
export interface PathCandidate {
  /** Whose it is: of this machine, or of the peer, as it says. */
  readonly side: 'own' | 'peer'
  /** `host`: of an interface; `observed`: how a NAT shows it to others. */
  readonly source: 'host' | 'observed' | 'mapped' | 'configured'
  /** An IP address. */
  readonly address: string
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
