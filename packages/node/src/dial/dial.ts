import { abortable, checkOptions, checkSignal, isSttError, SttError } from '@stt/errors'
import type { Link } from '@stt/frame'
import type { HandshakeRun } from '@stt/handshake'
import type { Value } from '@stt/serialize'
import { addressesOf } from '../addresses/address.ts'
import type { Session } from '../api/session.ts'
import type { HandshakeParty } from '../core/handshakes.ts'
import type { NodeContext } from '../core/node-context.ts'
import { LinkOrigin } from '../core/origin.ts'
import { type NodeId, nodeIdOf } from '../peers/peers.ts'
import { revokedPeer } from '../peers/session-gate.ts'
import { deferred } from '../queues/deferred.ts'
import type { Dialed } from '../session/path-keeper.ts'
import type { StreamCore } from '../stream/stream-core.ts'
import type { OutgoingLink } from './outgoing-link.ts'
import type { Turn } from './race.ts'

/** Options of `connect`. */
export interface DialOptions {
  /** Ends the dial. Without it each attempt ends after `limits.handshakeTimeout`. */
  readonly signal?: AbortSignal
  /** Id of the node that must answer; any holder of the seed may by default. */
  readonly peer?: NodeId
  /** Metadata for this handshake, in place of the node's own. */
  readonly metadata?: Value
}

/** The same with the id as bytes. */
export interface CheckedDial extends Omit<DialOptions, 'peer'> {
  readonly peer: Uint8Array | undefined
}

/** The arguments of `connect`: addresses and options, or options alone. */
export interface Wanted {
  /** No address was given. */
  readonly isToBeFound: boolean
  readonly addresses: readonly string[]
  readonly dialing: CheckedDial
}

/**
 * @param call what `connect` was called with. An address that is undefined by mistake is none: it does not dial anybody.
 * @throws SttError `STT_INVALID_ARGUMENT` that says what cannot work
 */
export function checkConnect(
  call: readonly [to?: string | readonly string[] | DialOptions, options?: DialOptions],
): Wanted {
  const [to, options = {}] = call
  const isToBeFound = call.length === 0 || isOptions(to)
  return {
    isToBeFound,
    addresses: isToBeFound ? [] : addressesOf(to as string | readonly string[]),
    dialing: checkDial(isToBeFound ? ((to ?? {}) as DialOptions) : options),
  }
}

const isOptions = (to: unknown): to is DialOptions =>
  typeof to === 'object' && to !== null && !Array.isArray(to) && !(to instanceof URL)

function checkDial(options: DialOptions): CheckedDial {
  checkOptions(options, 'connect', ['signal', 'peer', 'metadata'])
  const { signal, peer } = options
  checkSignal(signal, 'connect')
  return { ...options, peer: peer === undefined ? undefined : nodeIdOf(peer, 'peer') }
}

/**
 * Runs the dialing side of a handshake over a link and opens the session.
 *
 * Rejects with `STT_TIMEOUT` when no holder of the seed answered, `STT_PEER_REFUSED`, `STT_BUSY`, `STT_ABORTED`,
 * or why the link broke: the link is closed then.
 *
 * @param dialed its `text` is what trust on first use keeps a peer by
 */
export async function dialOver<S extends StreamCore>(
  { link, localAddress }: OutgoingLink,
  context: NodeContext<S>,
  { peer, metadata }: CheckedDial,
  dialed: Dialed,
  turn: Turn<Session<S>>,
): Promise<Session<S>> {
  const { gate, clock, handshakes, limits } = context
  const address = dialed.text
  const { policy } = gate
  const { signal } = turn
  const done = deferred<Session<S>>()
  let session: Session<S> | undefined
  let run: HandshakeRun | undefined
  let dialedAt = clock.now()
  const party: HandshakeParty = {
    send: message => void link.send(message),
    onSession(result, finished, packets) {
      // spec: STT-HS-42 (what was decided before FINAL may have changed since)
      const refusal = gate.refusesDialed(result.peerId, address)
      if (refusal || !turn.claim()) {
        result.secrets.dispose()
        return done.reject(refusal ?? new SttError('STT_ABORTED', `another address than ${address} was faster`))
      }
      // Inside the call that brought the last message: packets right behind it find their session.
      session = context.open(result, finished, link, packets, dialed).session
      done.resolve(session)
    },
    onFailed: error => done.reject(error),
  }
  const origin = new LinkOrigin(link, party)
  const held: Uint8Array<ArrayBuffer>[] = []
  const onFault = (cause: unknown): void => done.reject(cause)
  link.onPacket = context.guard.wrap((packet: Uint8Array) => {
    if (!turn.isHeld(clock.now() - dialedAt)) {
      handshakes.receive(origin, packet)
      if (run?.answered) turn.answered()
    } else if (held.length < MAX_HELD) held.push(packet.slice())
  }, onFault)
  turn.onFree = () => {
    // Each goes through the link's handler of that moment: a session's, once there is one.
    for (const packet of held.splice(0)) link.onPacket(packet)
  }
  link.onClose = context.guard.wrap((cause?: Error) => {
    // A listener that has no place says so by its close.
    if (isSttError(cause, 'STT_BUSY')) done.reject(cause)
    handshakes.linkClosed(origin, cause ?? new Error('the other side closed the link'))
  }, onFault)
  const what = `connect to ${address}`
  try {
    const pinned = await abortable(policy.pinnedId(address), signal, what)
    const expectedPeer = peer ?? pinned
    dialedAt = clock.now()
    run = handshakes.dial(origin, { expectedPeer, allowPeer: id => !policy.isRefused(id), metadata: metadata ?? context.metadata, timeout: limits.handshakeTimeout, localAddress }) // biome-ignore format: one line
    const opened = await abortable(done.promise, signal, what)
    const isTrusted = await abortable(policy.pin(address, opened.peer.id), signal, what)
    // Again after each wait: a revocation that has resolved holds.
    if (policy.isRefused(opened.peer.id)) throw revokedPeer(address)
    if (isTrusted) return opened
    throw new SttError('STT_PEER_REFUSED', `another node is trusted at ${address} since a moment ago: dial again`)
  } catch (error) {
    const failure = run && isSttError(error, 'STT_TIMEOUT') ? outOfTime(error, handshakes.failureOf(run)) : error
    if (run) handshakes.cancel(run)
    // A session that was opened too late has no owner: close it, and its link with it.
    if (session) void session.close({ deadline: 0 })
    else if (!turn.winner || !isQuiet(link, held) || !context.handOver(link, dialed, turn.winner)) link.close()
    throw failure
  } finally {
    turn.onFree = () => {}
    origin.party = undefined
  }
}

/** Whether no message of the handshake is on its way over the link: the session that took it over would give it up for that. */
const isQuiet = ({ lossy }: Link, held: readonly Uint8Array[]): boolean => lossy || held.length > 0

/** The time of a signal is over: what the handshake would say of itself at the end of its own says more. */
function outOfTime(error: SttError, failure: SttError | undefined): SttError {
  if (!failure) return error
  const message = `${failure.message}. It was given no more time`
  return new SttError(failure.code, message, { cause: error.cause })
}

/** Messages that wait while a peer answers at another address: RESPONSE in two datagrams, repeated once. */
const MAX_HELD = 4
