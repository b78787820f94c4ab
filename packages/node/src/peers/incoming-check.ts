import { describe, SttError } from '@stt/errors'
import type { Decision, HandshakeRun, VerifiedPeer } from '@stt/handshake'
import type { Value } from '@stt/serialize'
import type { NodeWatcher } from '../observe/observer.ts'
import type { SessionGate } from './session-gate.ts'

/** A peer that has proved that it holds the seed and owns its id, and waits to be let in. */
export interface IncomingPeer {
  /** Node id, 32 bytes. */
  readonly id: Uint8Array<ArrayBuffer>
  /** Where it dials from: `udp://…`, `ws://…`. */
  readonly address: string
  /** Index in this node's `seeds` of the seed that it used, as they were when the handshake began. */
  readonly seed: number
  /** Metadata that it sent in the handshake. Only the peer vouches for them. */
  readonly metadata: Value | undefined
}

/** Decides whether a peer may connect. Only `true` lets it in; a promise may take five seconds. */
export type Authorize = (peer: IncomingPeer) => boolean | Promise<boolean>

export interface IncomingCheckConfig {
  readonly authorize: Authorize | undefined
  readonly gate: Pick<SessionGate, 'decisionOn' | 'policy'>
  /** Tells the operator that `authorize`, or the trust store, failed. */
  readonly warn: (error: Error) => void
  /** Is told who is not let in. */
  readonly watcher?: NodeWatcher | undefined
  /** Takes a decision that came later, and writes FINAL in the same step. */
  readonly decide: (run: HandshakeRun, decision: Decision) => void
}

/** Decides about a peer that dialed in; undefined when the decision comes later. */
export type IncomingCheck = (peer: VerifiedPeer, run: HandshakeRun) => Decision | undefined

/**
 * Lets peers in as the node's limits, its application and its policy say. Whatever takes time is asked first; what
 * changes meanwhile, revocation and limits, is looked at in the step that writes FINAL. spec: STT-HS-42
 */
export function createIncomingCheck({ authorize, gate, warn, decide, watcher }: IncomingCheckConfig): IncomingCheck {
  const { policy } = gate
  /** Questions to the application without an answer yet, bounded in case it never answers. */
  let undecided = 0
  let warned = false

  /** The application first: trust on first use would otherwise keep whom it refuses. */
  const ask = async ({ id, metadata, seedIndex }: VerifiedPeer, run: HandshakeRun): Promise<boolean> => {
    if (authorize) {
      const answer: unknown = await authorize({ id: id.slice(), metadata, address: run.origin.label, seed: seedIndex })
      if (typeof answer !== 'boolean') {
        const message = `authorize has to answer true or false, not ${describe(answer)}`
        throw new SttError('STT_INVALID_ARGUMENT', message)
      }
      // The answer came too late: the trust store must not keep a peer that was told to come back.
      if (!answer || run.state !== 'deciding') return false
    }
    return policy.allowIncoming(id)
  }

  const decideLater = async (peer: VerifiedPeer, run: HandshakeRun): Promise<void> => {
    let admitted = false
    try {
      admitted = await ask(peer, run)
    } catch (cause) {
      warn(new SttError('STT_PEER_REFUSED', UNDECIDED, { cause }))
    }
    if (--undecided === 0) warned = false
    const decision = admitted ? gate.decisionOn(peer.id, run.origin.label) : 'refuse'
    told(peer, run, decision)
    decide(run, decision)
  }

  const told = ({ id }: VerifiedPeer, run: HandshakeRun, decision: Decision | undefined): Decision | undefined => {
    if (decision === 'refuse' || decision === 'busy') watcher?.onHandshakeRefused(run.origin.label, id, decision)
    return decision
  }

  const check: IncomingCheck = (peer, run) => {
    const decision = gate.decisionOn(peer.id, run.origin.label)
    if (decision !== 'accept') return decision
    if (!authorize && policy.decidesAtOnce) return policy.allowIncoming(peer.id) ? 'accept' : 'refuse'
    if (undecided >= MAX_UNDECIDED) {
      if (!warned) warn(new SttError('STT_BUSY', NEVER_ANSWERED))
      warned = true
      return 'busy'
    }
    undecided++
    decideLater(peer, run).catch(warn)
    return undefined
  }

  return (peer, run) => told(peer, run, check(peer, run))
}

const MAX_UNDECIDED = 1_024
const UNDECIDED = 'whether to let a peer in could not be decided, and it was refused'
const NEVER_ANSWERED = `authorize, or the trust store, owes ${MAX_UNDECIDED} answers, and peers are told to come back: let it answer, or fail, in time`
