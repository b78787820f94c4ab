import { randomBytes } from '@stt/crypto'
import { abortError, SttError } from '@stt/errors'
import type { Link } from '@stt/frame'
import { type HandshakeResult, Initiator, isHandshake, MessageType, parseHandshakeHeader } from '@stt/handshake'
import type { Value } from '@stt/serialize'
import { Alarm, now } from './alarm.ts'
import { deferred } from './deferred.ts'
import type { NodeContext } from './node-context.ts'

export interface DialOptions {
  readonly signal?: AbortSignal
  /** The node id, 32 bytes, that must answer. */
  readonly peer?: Uint8Array
  /** What this node says of itself in this handshake, in place of what it was created with. */
  readonly metadata?: Value
}

/**
 * Runs the dialing side of a handshake over a message link.
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
  const what = `connect to ${link.remote}`
  if (signal?.aborted) throw abortError(signal, what)
  const done = deferred<T>()
  const initiator = createInitiator(context, options)
  let session: T | undefined
  const fail = (cause?: Error): void => done.reject(noSession(link.remote, initiator, context, cause))
  const deadline = new Alarm(() => fail())
  const abort = (): void => done.reject(abortError(signal!, what))
  signal?.addEventListener('abort', abort, { once: true })
  link.onClose = cause => fail(cause ?? new Error('the other side closed the link'))
  link.onPacket = packet => {
    try {
      const result = step(initiator, packet, link, context)
      if (result) done.resolve(open(result))
    } catch (error) {
      done.reject(error)
    }
  }
  try {
    deadline.set(now() + context.limits.handshakeTimeout)
    link.send(initiator.createHello(now()))
    session = await done.promise
    return session
  } finally {
    deadline.cancel()
    signal?.removeEventListener('abort', abort)
    initiator.dispose()
    if (!session) context.releaseConnectionId(initiator.localCid)
  }
}

function step(initiator: Initiator, packet: Uint8Array, link: Link, context: NodeContext): HandshakeResult | undefined {
  if (!isHandshake(packet)) return undefined
  const isFinal = parseHandshakeHeader(packet)?.type === MessageType.Final
  const result = isFinal ? initiator.processFinal(packet, now()) : undefined
  const proof = isFinal ? undefined : initiator.processResponse(packet, now())
  if (proof) link.send(proof)
  if (initiator.lastDrop) context.counters[initiator.lastDrop]++
  return result
}

function createInitiator(
  { identity, keys, limits, newConnectionId, ...context }: NodeContext,
  options: DialOptions,
): Initiator {
  return new Initiator({
    keys: keys[0],
    identity,
    entropy: randomBytes,
    limits: context.transportLimits,
    metadata: options.metadata ?? context.metadata,
    localCid: newConnectionId(),
    datagram: false,
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
