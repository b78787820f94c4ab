import { abortError, SttError } from '@stt/errors'
import type { Link } from '@stt/frame'
import { type HandshakeResult, Initiator, isHandshake, MessageType, parseHandshakeHeader } from '@stt/handshake'
import type { Value } from '@stt/serialize'
import { Alarm } from './alarm.ts'
import { deferred } from './deferred.ts'
import type { NodeContext } from './node-context.ts'
import { HELLO_DELAYS, PROOF_DELAYS, Retransmission } from './retransmission.ts'

export interface DialOptions {
  readonly signal?: AbortSignal
  /** The node id, 32 bytes, that must answer. */
  readonly peer?: Uint8Array
  /** What this node says of itself in this handshake, in place of what it was created with. */
  readonly metadata?: Value
}

/**
 * Runs the dialing side of a handshake over a link.
 *
 * Rejects with `STT_TIMEOUT` when nobody who holds the seed answered, `STT_PEER_REFUSED`, `STT_BUSY`, `STT_ABORTED`,
 * or why the link broke: the link is still the caller's then.
 *
 * @param open makes the session. It is called inside the link's `onPacket`, so that packets right behind FINAL find it
 */
export async function dialOver<T>(
  link: Link,
  context: NodeContext,
  options: DialOptions,
  open: (result: HandshakeResult) => T,
): Promise<T> {
  const { signal } = options
  const { clock } = context
  const what = `connect to ${link.remote}`
  if (signal?.aborted) throw abortError(signal, what)
  const done = deferred<T>()
  const initiator = createInitiator(context, options, link.kind === 'datagram')
  let session: T | undefined
  const fail = (cause?: Error): void => done.reject(noSession(link.remote, initiator, context, cause))
  const deadline = new Alarm(clock, () => fail())
  const abort = (): void => done.reject(abortError(signal!, what))
  signal?.addEventListener('abort', abort, { once: true })
  link.onClose = cause => fail(cause ?? new Error('the other side closed the link'))
  const repetition = link.kind === 'datagram' ? new Repetition(initiator, link, context) : undefined
  link.onPacket = packet => {
    try {
      const result = step(initiator, packet, link, context)
      if (initiator.peer) repetition?.onAnswered()
      if (!result) return
      session = open(result)
      done.resolve(session)
    } catch (error) {
      done.reject(error)
    }
  }
  try {
    deadline.set(clock.now() + context.limits.handshakeTimeout)
    link.send(initiator.createHello(clock.now()))
    repetition?.start()
    return await done.promise
  } finally {
    deadline.cancel()
    repetition?.stop()
    signal?.removeEventListener('abort', abort)
    initiator.dispose()
    if (!session) context.releaseConnectionId(initiator.localCid)
  }
}

function step(initiator: Initiator, packet: Uint8Array, link: Link, context: NodeContext): HandshakeResult | undefined {
  if (!isHandshake(packet)) return undefined
  const isFinal = parseHandshakeHeader(packet)?.type === MessageType.Final
  const result = isFinal ? initiator.processFinal(packet, context.clock.now()) : undefined
  const proof = isFinal ? undefined : initiator.processResponse(packet, context.clock.now())
  if (proof) sendProof(initiator, link)
  if (initiator.lastDrop) context.counters[initiator.lastDrop]++
  return result
}

function sendProof(initiator: Initiator, link: Link): void {
  for (const message of initiator.proofMessages) link.send(message)
}

/** Sends what is not answered again: HELLO until RESPONSE came, then AUTH_PROOF until FINAL does. */
class Repetition {
  readonly #hello: Retransmission
  readonly #proof: Retransmission
  #answered = false

  constructor(initiator: Initiator, link: Link, { clock, entropy }: NodeContext) {
    const random = (): number => entropy(1)[0]! / 255
    this.#hello = new Retransmission(clock, HELLO_DELAYS, random, () => link.send(initiator.createHello(clock.now())))
    this.#proof = new Retransmission(clock, PROOF_DELAYS, random, () => sendProof(initiator, link))
  }

  start(): void {
    this.#hello.start()
  }

  onAnswered(): void {
    if (this.#answered) return
    this.#answered = true
    this.#hello.stop()
    this.#proof.start()
  }

  stop(): void {
    this.#hello.stop()
    this.#proof.stop()
  }
}

function createInitiator(
  { identity, keys, limits, newConnectionId, ...context }: NodeContext,
  options: DialOptions,
  datagram: boolean,
): Initiator {
  return new Initiator({
    keys: keys[0],
    identity,
    entropy: context.entropy,
    limits: context.transportLimits,
    metadata: options.metadata ?? context.metadata,
    localCid: newConnectionId(),
    datagram,
    expectedPeer: options.peer,
    timeout: limits.handshakeTimeout,
  })
}

/** Why there is no session, when the time is over or, with `cause`, the link. */
function noSession(address: string, initiator: Initiator, context: NodeContext, cause: Error | undefined): SttError {
  const options = cause ? { cause } : {}
  if (initiator.peer) {
    const message = `the peer at ${address} answered but did not finish the handshake: it may be deciding, overloaded or stopped; try again`
    return new SttError(cause ? 'STT_HANDSHAKE_FAILED' : 'STT_TIMEOUT', message, options)
  }
  if (initiator.lastDrop === 'wrongPeer') {
    const message = `another node than the one asked for answered at ${address}: check the address and the node id`
    return new SttError('STT_PEER_REFUSED', message, options)
  }
  const when = cause ? 'before the link ended' : `within ${context.limits.handshakeTimeout / 1_000} s`
  const message = `no peer answered at ${address} ${when}. Three causes are likely: it is not running, the address is wrong, or it holds another seed (a wrong seed is never answered)`
  return new SttError('STT_TIMEOUT', message, options)
}
