import type { Link } from '@stt/frame'
import { listenWebSocket } from '@stt/transport-ws'
import { Acceptor } from './accept.ts'
import type { Address } from './address.ts'
import type { Door } from './door.ts'
import type { NodeContext } from './node-context.ts'
import type { NodeOptions } from './options.ts'

/** A link that a listener accepted; `confirm` says that its other end has proved itself. */
interface AcceptedLink extends Link {
  confirm(): void
}

export async function openWebSocketDoor(
  { host, port, path }: Address,
  context: NodeContext,
  options: NodeOptions['ws'],
): Promise<Door> {
  const listener = await listenWebSocket({ ...options, host, port, path })
  listener.onLink = link => accept(link, context)
  return listener
}

/** Runs one handshake on a link that came. A link without one is closed by its own deadline. */
function accept(link: AcceptedLink, context: NodeContext): void {
  const { clock, counters, limits } = context
  if (counters.pending >= limits.pendingHandshakes) return link.close()
  counters.pending++
  const acceptor = new Acceptor(context, false)
  const end = (): void => {
    clock.clearTimer(expiry)
    counters.pending--
    acceptor.dispose()
  }
  const expiry = clock.setTimer(() => link.close(), limits.handshakeTimeout)
  link.onClose = end
  link.onPacket = packet => {
    const answer = acceptor.receive(packet)
    if (!answer) return
    // Who holds the seed has until the handshake's own deadline; who does not is closed sooner.
    link.confirm()
    link.send(answer)
    const { result, refused } = acceptor
    if (refused) return link.close()
    if (!result) return
    end()
    context.announce(context.open(result, link))
  }
}
