import type { Entropy } from '@stt/crypto'
import type { Link } from '@stt/frame'
import type { PeerPolicy } from '@stt/handshake'
import type { StreamEngine } from '@stt/stream'
import type { Address } from '../addresses/address.ts'
import type { Dialer } from '../dial/dialer.ts'
import type { LoadLan } from '../discovery/lan-platform.ts'
import type { Acceptor } from '../listen/acceptor.ts'
import type { ListenerPlugin } from '../listen/listener-plugin.ts'
import type { WatchNetwork } from '../network/network-watch.ts'
import type { NodeWatcher } from '../observe/observer.ts'
import type { Peers } from '../peers/peers.ts'
import type { PunchingPlatform } from '../punch/punching-platform.ts'
import type { RelayDial } from '../relay/relay-dial.ts'
import type { StreamCore, StreamHandle } from '../stream/stream-core.ts'
import type { StreamOwner } from '../stream/stream-owner.ts'
import type { Clock } from '../time/clock.ts'
import type { NodeContext } from './node-context.ts'
import type { OriginFacts } from './origin.ts'

/** The platform that a node runs on. */
export interface Environment<S extends StreamCore = StreamCore> extends Pick<Dialer, 'resolve' | 'openLink'> {
  readonly clock: Clock
  readonly entropy: Entropy
  /** Milliseconds since 1970, as far as this system knows: what `notAfter` of a seed is held against. */
  readonly wallClock: () => number
  /**
   * Which holders of the seed may connect, as the `peers` option says.
   *
   * @throws SttError `STT_INVALID_ARGUMENT`
   */
  readonly policyOf: (peers: Peers | undefined, warn: (error: Error) => void) => PeerPolicy
  /** Undefined where the node cannot be dialed. */
  readonly listener: ListenerPlugin | undefined
  /** @throws SttError `STT_BAD_ADDRESS` for a scheme that this platform cannot listen on */
  openAcceptor(text: string, address: Address, context: NodeContext): Promise<Acceptor>
  /** Looks after an incoming link until a session takes it; undefined where the node cannot be dialed. */
  readonly acceptLink?: ((link: Link, context: NodeContext, facts: OriginFacts) => void) | undefined
  /** Finds direct ways between two NATs; undefined where there is no UDP. */
  readonly punching?: PunchingPlatform | undefined
  /** Loads mDNS, on a platform that has the sockets for it. */
  readonly loadLan?: LoadLan | undefined
  /** Opens a WebSocket to a relay. */
  readonly openRelay?: ((url: string, options: RelayDial) => Promise<Link>) | undefined
  /** How good a way to an address is, one of `Tier`; what its scheme usually is unless given. `host` is an IP address. */
  readonly tierOf?: ((address: Address) => number) | undefined
  /** Makes this platform's form of a stream. */
  readonly createStream: (engine: StreamEngine, owner: StreamOwner) => StreamHandle<S>
  /** Tells of changes of this machine's network, where the platform can. */
  readonly watchNetwork?: WatchNetwork | undefined
  /**
   * Calls `leave` when this program is about to end and will not come back, where the platform tells: what is sent within the
   * call and its microtasks still goes out. @returns what ends that
   */
  readonly whenLeft?: ((leave: () => void) => () => void) | undefined
  /** Tells the operator of a defect in the application that nothing else reports. */
  warn(error: Error): void
  /**
   * Who watches the node with this id, where the platform has somebody to tell.
   *
   * @param warn as `warn`, a few times a minute
   */
  readonly watch?: (id: Uint8Array, warn: (error: Error) => void) => NodeWatcher
}
