import type { LegOrigin } from '@stt/rendezvous'
import { addressGroup, type WebSocketOrigin } from '@stt/transport-ws'

/** What an engine is told of where a connection comes from. Of an address that many share nothing is counted, and nothing told. */
export function legOriginOf({ address, isShared, port }: WebSocketOrigin): LegOrigin {
  if (isShared) return {}
  // Behind a proxy the port is the proxy's; of a link-local address others can make nothing.
  const isTold = address !== '' && !address.includes('%')
  return { address: addressGroup(address), observed: isTold ? { source: 'observed', address, port } : undefined }
}
