import type { Entropy, Identity, RendezvousKeys } from '@stt/crypto'
import type { Link } from '@stt/frame'
import type { OriginFacts } from '../core/origin.ts'
import type { Dialer } from '../dial/dialer.ts'
import type { NetworkWatch } from '../network/network-watch.ts'
import type { Clock } from '../time/clock.ts'
import type { Guard } from '../time/guard.ts'
import type { RelayDial } from './relay-dial.ts'

/** The parts of a node that its relay clients use. */
export interface RelayConfig extends Pick<Dialer, 'resolve'> {
  /** The relays that it has, as they are dialed. */
  readonly urls: readonly string[]
  /** Whether relays elsewhere may be dialed without TLS. */
  readonly allowPlain: boolean
  /** Of its seeds, the one that dials first. */
  readonly keys: () => readonly RendezvousKeys[]
  readonly identity: Identity
  readonly clock: Clock
  readonly wallClock: () => number
  readonly entropy: Entropy
  readonly guard: Guard
  readonly network: Pick<NetworkWatch, 'watch'>
  /** Opens a WebSocket to a relay; undefined where the platform has none. */
  readonly openRelay?: ((url: string, options: RelayDial) => Promise<Link>) | undefined
  /** It listens at these of its relays from now on: others than before. */
  readonly onListening: (urls: readonly string[]) => void
  /** Somebody has dialed this node by a relay. */
  readonly onCircuit: (link: Link, facts: OriginFacts) => void
  readonly warn: (error: Error) => void
}

/** Whom to dial where. */
export interface DialPlan {
  readonly addresses: readonly string[]
  readonly peer: Uint8Array | undefined
}
