import type { LegOrigin } from '@stt/rendezvous/server'
import { addressGroup, type WebSocketOrigin } from '@stt/transport-ws'

/** The origin of a connection as an engine takes it. An address that many clients share is neither counted nor told. */
export function legOriginOf({ address, isShared, port }: WebSocketOrigin): LegOrigin {
  if (isShared) return {}
  // Behind a proxy the port is the proxy's. A link-local address is of no use on other machines.
  const isTold = address !== '' && !address.includes('%')
  return { address: addressGroup(address), observed: isTold ? { source: 'observed', address, port } : undefined }
}
