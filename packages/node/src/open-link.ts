import type { Link } from '@stt/frame'
import type { PathController } from '@stt/session'
import { createPathController, dialUdp } from '@stt/transport-udp'
import { dialWebSocket } from '@stt/transport-ws'
import { parseAddress } from './address.ts'
import type { UdpOptions } from './options.ts'

/** Opens a link to an address; a datagram link comes with what finds its losses and paces it. */
export async function openLink(
  address: string,
  signal: AbortSignal | undefined,
  udp: UdpOptions = {},
): Promise<{ readonly link: Link; readonly controller?: PathController }> {
  const abort = signal ? { signal } : {}
  if (parseAddress(address).scheme !== 'udp') return { link: await dialWebSocket(address, abort) }
  const link = await dialUdp(address, { ...udp, ...abort })
  return { link, controller: createPathController({ maxDatagramSize: link.maxPacketSize }) }
}
