import { isSttError } from '@stt/errors'
import type { ListenWebSocketOptions } from '@stt/transport-ws'
import type { Address } from '../addresses/address.ts'
import { budgetPrefix } from '../addresses/address-prefix.ts'
import type { NodeContext } from '../core/node-context.ts'
import { webSocketTransport } from '../transports.ts'
import { acceptLink } from './accept-link.ts'
import type { Acceptor } from './acceptor.ts'

export async function openWebSocketAcceptor(
  { host, port, path }: Address,
  context: NodeContext,
  options: ListenWebSocketOptions,
): Promise<Acceptor> {
  const { guard, warn } = context
  // A failed option of the program is no defect of STT.
  const onFault = (cause: unknown): void => {
    if (isSttError(cause) && cause.details['option'] === 'clientAddress') warn(cause)
    else guard.report(cause)
  }
  const { listenWebSocket } = await webSocketTransport()
  const listener = await listenWebSocket({ ...options, host, port, path, onFault })
  const patience = options.limits?.proofTimeout
  listener.onLink = (link, { isShared }) =>
    acceptLink(link, context, { prefixOf: isShared ? undefined : budgetPrefix, patience })
  return listener
}
