import { SttError } from '@stt/errors'
import type { HandshakeRun } from '@stt/handshake'
import type { Value } from '@stt/serialize'
import { abortable } from './abortable.ts'
import { deferred } from './deferred.ts'
import type { OpenedLink } from './environment.ts'
import type { NodeContext } from './node-context.ts'
import type { Session } from './session.ts'

export interface DialOptions {
  readonly signal?: AbortSignal
  /** The node id, 32 bytes, that must answer. */
  readonly peer?: Uint8Array
  /** What this node says of itself in this handshake, in place of what it was created with. */
  readonly metadata?: Value
}

/**
 * Runs the dialing side of a handshake over a link and opens the session.
 *
 * Rejects with `STT_TIMEOUT` when nobody who holds the seed answered, `STT_PEER_REFUSED`, `STT_BUSY`, `STT_ABORTED`,
 * or why the link broke: the link is closed then.
 *
 * @param address as the application wrote it: what trust on first use keeps a peer by
 */
export async function dialOver(
  { link, controller }: OpenedLink,
  address: string,
  context: NodeContext,
  { signal, peer, metadata }: DialOptions,
): Promise<Session> {
  const { handshakes, limits } = context
  const { policy } = handshakes
  const done = deferred<Session>()
  let session: Session | undefined
  let run: HandshakeRun | undefined
  const suffix = handshakes.join({
    send: message => void link.send(message),
    onSession(result, finished, packets) {
      // Inside the call that brought the last message: packets right behind it find their session.
      session = context.open(result, finished, { link, controller }, packets).session
      done.resolve(session)
    },
    onFailed: error => done.reject(error),
  })
  const key = link.remote + suffix
  link.onPacket = packet => handshakes.receive(key, packet)
  link.onClose = cause => handshakes.linkClosed(key, cause ?? new Error('the other side closed the link'))
  try {
    const expectedPeer = peer ?? (await policy.expected(address))
    run = handshakes.dial(key, { expectedPeer, permits: policy.permits, metadata: metadata ?? context.metadata, timeout: limits.handshakeTimeout }) // biome-ignore format: one line
    const opened = await abortable(done.promise, signal, `connect to ${address}`)
    if (await policy.reached(address, opened.peer.id)) return opened
    throw new SttError('STT_PEER_REFUSED', `another node is trusted at ${address} since a moment ago: dial again`)
  } catch (error) {
    if (run) handshakes.cancel(run)
    // A session that came all the same is nobody's: its peer is told, and the link ends with it.
    if (session) void session.close({ deadline: 0 })
    else link.close()
    throw error
  } finally {
    handshakes.leave(suffix)
  }
}
