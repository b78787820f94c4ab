import { SttError } from '@stt/errors'
import type { Decision, PeerPolicy } from '@stt/handshake'
import type { MemoryBudget } from '../core/memory-budget.ts'
import type { NodeLimits } from '../options/node-limits.ts'
import type { SessionLimit, SessionPlaces } from './session-places.ts'

export interface SessionGateConfig {
  /** Who may connect, of those who hold the seed. */
  readonly policy: PeerPolicy
  readonly limits: NodeLimits
  readonly memory: Pick<MemoryBudget, 'isFull'>
  /** The sessions that count against `limits.sessions`. */
  readonly residents: { readonly occupied: number }
  /** Places for peers that dial in; undefined where the node cannot be dialed. */
  readonly places: SessionPlaces | undefined
  /** Whether one of this peer's sessions gives its place to another when that is needed. */
  readonly givesWay: (id: Uint8Array) => boolean
}

/**
 * Who may have a session, in or out: the policy with its revocations, the limits of the node, and whether it is about to
 * close. Each question is answered at once, for what was true a moment ago may not be now.
 */
export class SessionGate {
  /** Who may connect, of those who hold the seed. */
  readonly policy: PeerPolicy
  readonly #config: SessionGateConfig
  readonly #limited: Record<SessionLimit, number> = { sessions: 0, sessionsPerPeer: 0, sessionsPerPrefix: 0, memory: 0 }
  #state: 'open' | 'draining' | 'closed' = 'open'

  constructor(config: SessionGateConfig) {
    this.#config = config
    this.policy = config.policy
  }

  /** `draining`: no peer is let in, but dialing goes on; `closed`: neither. */
  get state(): 'open' | 'draining' | 'closed' {
    return this.#state
  }

  /** How often each limit kept a session out. */
  get limited(): Readonly<Record<SessionLimit, number>> {
    return Object.freeze({ ...this.#limited })
  }

  drain(): void {
    if (this.#state === 'open') this.#state = 'draining'
  }

  close(): void {
    this.#state = 'closed'
  }

  /** Whether a peer that dialed in may have a session now. spec: STT-HS-42 */
  decisionOn(id: Uint8Array, address: string): Decision {
    if (this.policy.isRefused(id)) return 'refuse'
    if (this.#state !== 'open') return 'busy'
    const limit = this.#fullLimit() ?? this.#limitOf(id, address)
    if (limit === undefined) return 'accept'
    this.count(limit)
    return 'busy'
  }

  /** Why the node may not dial now; undefined if it may. */
  refusesDial(): SttError | undefined {
    return this.#state === 'closed' ? nodeClosed() : this.#full()
  }

  /** Why the node that answered a dial gets no session now; undefined: it gets one. */
  refusesDialed(id: Uint8Array, address: string): SttError | undefined {
    if (this.#state === 'closed') return nodeClosed()
    return this.policy.isRefused(id) ? revokedPeer(address) : this.#full()
  }

  /** Whether another session of this peer takes the place of one that gives way. */
  isPeerFull(id: Uint8Array): boolean {
    return this.#config.places?.isPeerFull(id) ?? false
  }

  /** A peer that dialed in has a session. @returns what gives its place back, however often it is called */
  takePlace(id: Uint8Array, address: string): () => void {
    return this.#config.places?.take(id, address) ?? (() => {})
  }

  /** A limit kept a session out, or ended one. */
  count(limit: SessionLimit): void {
    this.#limited[limit]++
  }

  /** Which limit keeps out one more session of this peer, whatever the others have. */
  #limitOf(id: Uint8Array, address: string): 'sessionsPerPeer' | 'sessionsPerPrefix' | undefined {
    const { places, givesWay } = this.#config
    if (!places) return undefined
    if (places.isPeerFull(id) && !givesWay(id)) return 'sessionsPerPeer'
    return places.isPrefixFull(address) ? 'sessionsPerPrefix' : undefined
  }

  /** Which limit of this node keeps out one more session of any peer. */
  #fullLimit(): 'sessions' | 'memory' | undefined {
    const { residents, limits, memory } = this.#config
    if (residents.occupied >= limits.sessions) return 'sessions'
    return memory.isFull ? 'memory' : undefined
  }

  #full(): SttError | undefined {
    const limit = this.#fullLimit()
    if (limit === undefined) return undefined
    this.count(limit)
    const { sessions, memory } = this.#config.limits
    const message =
      limit === 'sessions'
        ? `this node holds ${sessions} sessions, its limit: close some, or raise limits.sessions`
        : `the sessions of this node hold ${memory} bytes, its limit: read what waits, close some, or raise limits.memory`
    return new SttError('STT_LIMIT', message)
  }
}

export const nodeClosed = (): SttError => new SttError('STT_CLOSED', 'this node is closed: create another')
export const revokedPeer = (address: string): SttError =>
  new SttError('STT_PEER_REFUSED', `the node that answers at ${address} is not one that this node may talk to`)
