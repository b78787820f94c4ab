import type { Link } from '@stt/frame'
import { listenWebSocket } from '@stt/transport-ws'
import type { Address } from './address.ts'
import type { Door } from './door.ts'
import type { NodeContext } from './node-context.ts'
import type { WebSocketOptions } from './node-options.ts'

/** A link that a listener accepted; `confirm` says that its other end has proved itself. */
interface AcceptedLink extends Link {
  confirm(): void
}

export async function openWebSocketDoor(
  { host, port, path }: Address,
  context: NodeContext,
  options: WebSocketOptions,
): Promise<Door> {
  const listener = await listenWebSocket({ ...options, host, port, path })
  listener.onLink = context.guard.wrap((link: AcceptedLink) => accept(link, context))
  return listener
}

/** Runs one handshake on a link that came. A link on which nothing proves itself is closed by its own deadline. */
function accept(link: AcceptedLink, context: NodeContext): void {
  const { clock, guard, handshakes, limits } = context
  const suffix = handshakes.join({
    send(message) {
      // Only who holds the seed is answered: it has until the handshake's own deadline.
      link.confirm()
      link.send(message)
    },
    onSession(result, run, packets) {
      end()
      context.announce(context.open(result, run, { link }, packets))
    },
    onFailed: () => link.close(),
  })
  const key = link.remote + suffix
  const deadline = clock.setTimer(() => link.close(), limits.handshakeTimeout)
  const end = (): void => {
    clock.clearTimer(deadline)
    handshakes.leave(suffix)
  }
  link.onPacket = guard.wrap(
    (packet: Uint8Array) => handshakes.receive(key, packet),
    () => link.close(),
  )
  link.onClose = guard.wrap((cause?: Error) => {
    end()
    handshakes.linkClosed(key, cause)
  })
}
