import { checkInteger, checkOptions, checkType, SttError } from '@stt/errors'

/** Which paths the sessions of a node use. */
export interface PathOptions {
  /** Whether a session that this node dialed may go over UDP: `false` dials no `udp://` address. */
  readonly udp?: boolean
  /** The same for WebSocket. */
  readonly websocket?: boolean
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

/** The same with every default filled in. */
export type CheckedPaths = Required<PathOptions>

/** @throws SttError `STT_INVALID_ARGUMENT` that names the option */
export function resolvePaths(given: PathOptions | undefined): CheckedPaths {
  checkOptions(given, 'paths', ['udp', 'websocket', 'standby', 'detached'])
  const { udp = true, websocket = true, standby = 1, detached = 0 } = given ?? {}
  checkType(udp, 'paths.udp', 'boolean')
  checkType(websocket, 'paths.websocket', 'boolean')
  checkInteger(standby, 'paths.standby', 0, MOST_STANDBY)
  checkInteger(detached, 'paths.detached', 0, LONGEST)
  if (!udp && !websocket) {
    throw new SttError(
      'STT_INVALID_ARGUMENT',
      'paths.udp and paths.websocket are both false: no session could be dialed',
    )
  }
  return { udp, websocket, standby, detached }
}

/**
 * The addresses that may be dialed.
 *
 * @throws SttError `STT_INVALID_ARGUMENT` when the options of the node rule all of them out
 */
export function dialable(addresses: readonly string[], { udp, websocket }: CheckedPaths): readonly string[] {
  const allowed = addresses.filter(text => (/^udp:/i.test(text) ? udp : websocket))
  if (allowed.length > 0 || addresses.length === 0) return allowed
  const message = `the option paths of this node rules out ${addresses.join(', ')}: ${udp ? 'websocket' : 'udp'} is false there`
  throw new SttError('STT_INVALID_ARGUMENT', message)
}

const MOST_STANDBY = 3
/** Milliseconds: a day. */
const LONGEST = 86_400_000
