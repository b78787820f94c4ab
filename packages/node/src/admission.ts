import { SttError } from '@stt/errors'
import type { HandshakeRun, PeerPolicy, Verdict, VerifiedPeer } from '@stt/handshake'
import type { Value } from '@stt/serialize'

/** A peer that has proved to hold the seed, and who it is, and waits to be let in. */
export interface Applicant {
  /** Node id, 32 bytes. */
  readonly id: Uint8Array
  readonly address: string
  /** What it says of itself. */
  readonly metadata: Value | undefined
}

/** Whether a peer may come in; a promise may take five seconds. */
export type Authorize = (applicant: Applicant) => boolean | Promise<boolean>

export interface AdmissionConfig {
  readonly authorize: Authorize | undefined
  /** Whether there is room for one more session. */
  readonly admits: () => boolean
  /** Tells the operator that `authorize`, or the trust store, failed. */
  readonly warn: (error: Error) => void
  readonly policy: PeerPolicy
  /** Takes a verdict that was not there at once. */
  readonly decide: (run: HandshakeRun, verdict: Verdict) => void
}

/** The verdict on a peer that dialed in; undefined when it comes later. */
export type Judge = (peer: VerifiedPeer, run: HandshakeRun) => Verdict | undefined

/** Lets peers in as the node's limits, its application and its policy say. */
export function createJudge({ authorize, admits, warn, policy, decide }: AdmissionConfig): Judge {
  /** The application first: trust on first use would otherwise keep whom it refuses. */
  const ask = async (isWanted: Authorize, { id, metadata }: VerifiedPeer, run: HandshakeRun): Promise<boolean> => {
    const address = run.address.slice(0, run.address.lastIndexOf('#'))
    return (await isWanted({ id, metadata, address })) && policy.admits(id)
  }
  return (peer, run) => {
    if (!admits()) return 'busy'
    const admitted = authorize ? ask(authorize, peer, run) : policy.admits(peer.id)
    if (typeof admitted === 'boolean') return admitted ? 'accept' : 'refuse'
    admitted
      .catch((cause: unknown) => {
        warn(
          new SttError('STT_PEER_REFUSED', 'whether to let a peer in could not be decided, and it was refused', {
            cause,
          }),
        )
        return false
      })
      .then(accepted => decide(run, accepted ? 'accept' : 'refuse'))
      .catch(warn)
    return undefined
  }
}
