import type { Entropy, Identity, RendezvousKeys } from '@stt/crypto'
import type { NetworkWatch } from '../network/network-watch.ts'
import type { Clock } from '../time/clock.ts'
import type { Guard } from '../time/guard.ts'

/** The parts of a node that meet others at relays, as clients of relays and of their registries. */
export interface MeetingConfig {
  /** The relays of the node, in the form in which it dials them. */
  readonly urls: readonly string[]
  /** Keys of the node's seeds, the seed that dials first. */
  readonly keys: () => readonly RendezvousKeys[]
  readonly identity: Identity
  readonly clock: Clock
  readonly wallClock: () => number
  readonly entropy: Entropy
  readonly guard: Guard
  readonly network: Pick<NetworkWatch, 'watch'>
  /** Tells the operator of a defect. */
  readonly warn: (error: Error) => void
}
