import { listenUdp } from '@stt/transport-udp'
import type { UdpOptions } from '../node-options.ts'
import type { PunchSocket } from './punch-socket.ts'

/** A socket of its own, at any free port. */
export async function openPunchSocket(family: 4 | 6, options: UdpOptions = {}): Promise<PunchSocket> {
  const listener = await listenUdp({ ...options, host: family === 6 ? '::' : '0.0.0.0', port: 0 })
  return {
    port: Number(/\d+$/.exec(listener.address)![0]),
    set onPacket(handler: PunchSocket['onPacket']) {
      listener.onPacket = handler
    },
    link: to => listener.link(to),
    opener: to => listener.link(to, OPENER_HOPS),
    close: () => listener.close(),
  }
}

/** Enough to leave a home and its provider's NAT, and too few to reach another's. */
// spec: STT-PKT-61
const OPENER_HOPS = 5
