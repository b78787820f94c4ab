import type { SeedKeys } from '@stt/crypto'
import { describe, SttError } from '@stt/errors'
import { COMMON_OPTIONS, checkConfig, checkNames, type HandshakeConfig } from '../config.ts'
import { CID_LENGTH } from '../header.ts'
import type { Origin } from '../origin.ts'
import type { VerifiedPeer } from '../result.ts'
import type { HelloPlugin } from './hello-plugin.ts'
import type { LoadLimits } from './load-limits.ts'
import type { ManagerDropReason } from './manager-drop-reason.ts'
import type { ManagerSettings } from './manager-settings.ts'
import type { Decision, HandshakeRun } from './outputs.ts'
import type { DatedSeedKeys } from './seed-ring.ts'

export interface HandshakeManagerConfig<O extends Origin = Origin>
  extends Omit<HandshakeConfig, 'localCid' | 'datagram'> {
  /** The keys of every seed, at most 1,024: dialing uses the first that is not over, listening all of those. */
  readonly seeds: SeedKeys | readonly (SeedKeys | DatedSeedKeys)[]
  /** `answerHellos` of `@stt/handshake/listen`; without it no HELLO is answered. */
  readonly listen?: HelloPlugin | undefined
  /**
   * The decision on a peer that has proved itself to this listener; undefined when it comes later, through `decide` after
   * an `authorize` event. Unless given, every holder of a seed is accepted.
   */
  readonly authorize?: ((peer: VerifiedPeer, run: HandshakeRun<O>) => Decision | undefined) | undefined
  /** Milliseconds that a decision may take before the peer is told that this node is busy; 5,000 unless given. */
  readonly authorizeTimeout?: number | undefined
  /** Whether a session of the node has this connection id, which then is not given to a run. */
  readonly isConnectionIdTaken?: ((id: Uint8Array) => boolean) | undefined
  /** How much of a listener strangers may use; the numbers of `LoadLimits` unless given. */
  readonly load?: Partial<LoadLimits> | undefined
  /**
   * Called with each ignored message, inside the call that brought it: it must neither throw nor call back.
   *
   * @param from where the message came from; undefined where only time has passed
   * @param size bytes of the message
   */
  readonly onDropped?: ((from: O | undefined, reason: ManagerDropReason, size: number) => void) | undefined
}

function checkObject<Config extends object>(config: Config): Config {
  if (typeof config === 'object' && config !== null) return config
  throw new SttError('STT_INVALID_ARGUMENT', `a HandshakeManager is made from an object, not ${describe(config)}`)
}

/** @throws STT_INVALID_ARGUMENT that names the field */
export function managerSettings<O extends Origin>(config: HandshakeManagerConfig<O>): ManagerSettings<O> {
  const {
    seeds: _seeds,
    listen: _listen,
    authorize,
    authorizeTimeout,
    isConnectionIdTaken: _isTaken,
    load,
    onDropped: _onDropped,
    ...common
  } = checkObject(config)
  // Options that would fail every run are refused here, before anything is dialed or answered.
  checkNames(common, 'a HandshakeManager', COMMON_OPTIONS)
  const { timeout } = checkConfig({ ...common, localCid: new Uint8Array(CID_LENGTH), datagram: true })
  const limits: LoadLimits = { ...DEFAULT_LOAD, ...load }
  const numbers = [
    limits.pending,
    limits.waiting,
    limits.hellos.rate,
    limits.hellos.burst,
    limits.prefix.rate,
    limits.prefix.burst,
  ]
  if (!numbers.every(number => number > 0)) {
    throw new SttError('STT_INVALID_ARGUMENT', 'every number in load is above 0; leave out what is not to be changed')
  }
  return {
    common,
    authorize: authorize ?? (() => 'accept'),
    authorizeTimeout: authorizeTimeout ?? DEFAULT_AUTHORIZE_TIMEOUT,
    timeout,
    load: limits,
  }
}

const DEFAULT_AUTHORIZE_TIMEOUT = 5_000
// spec: STT-HS-35
const DEFAULT_LOAD: LoadLimits = {
  pending: 4_096,
  hellos: { rate: 200, burst: 200 },
  prefix: { rate: 20, burst: 50 },
  waiting: 256,
}
