import type { UdpOptions } from '../options/node-options.ts'
import { OPENER_TTL } from '../options/path-options.ts'
import { udpTransport } from '../transports.ts'
import type { PunchSocket } from './punch-socket.ts'

/**
 * A socket of its own, at any free port.
 *
 * @param openerTtl how many routers an opener passes
 */
export async function openPunchSocket(
  family: 4 | 6,
  openerTtl: number = OPENER_TTL,
  options: UdpOptions = {},
): Promise<PunchSocket> {
  const { listenUdp } = await udpTransport()
  const listener = await listenUdp({ ...options, host: family === 6 ? '::' : '0.0.0.0', port: 0 })
  return {
    port: Number(/\d+$/.exec(listener.address)![0]),
    set onPacket(handler: PunchSocket['onPacket']) {
      listener.onPacket = handler
    },
    link: to => listener.link(to),
    opener: to => listener.link(to, openerTtl),
    close: () => listener.close(),
  }
}
