import type { Link } from '@stt/frame'
import type { OriginFacts } from '../core/origin.ts'
import type { Dialer } from '../dial/dialer.ts'
import type { MeetingConfig } from './meeting-config.ts'
import type { RelayDial } from './relay-dial.ts'

/** The parts of a node that its relay clients use. */
export interface RelayConfig extends MeetingConfig, Pick<Dialer, 'resolve'> {
  /** Whether relays elsewhere may be dialed without TLS. */
  readonly allowPlain: boolean
  /** Opens a WebSocket to a relay; undefined where the platform has none. */
  readonly openRelay?: ((url: string, options: RelayDial) => Promise<Link>) | undefined
  /** Called when the relays at which the node listens change. */
  readonly onListening: (urls: readonly string[]) => void
  /** Called when a peer dials this node through a relay. */
  readonly onCircuit: (link: Link, facts: OriginFacts) => void
}

/** Whom to dial where. */
export interface DialPlan {
  readonly addresses: readonly string[]
  readonly peer: Uint8Array | undefined
}
