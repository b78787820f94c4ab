import { createSocket, type Socket, type SocketOptions } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import type { UdpRemote } from './udp-address.ts'

/** The addresses of a host, IPv4 first, since a listener takes the first one. An IP address is its own only address. */
export async function resolveHost(host: string): Promise<readonly string[]> {
  if (isIP(host.split('%')[0]!) !== 0) return [host]
  const found = await lookup(host, { all: true, verbatim: false })
  return found.map(({ address }) => address)
}

/**
 * Binds a socket to an IP address and port.
 *
 * @throws the system's own error, after closing the socket
 */
export function bindSocket(address: string, port: number, options: Partial<SocketOptions> = {}): Promise<Socket> {
  const socket = createSocket({
    type: address.includes(':') ? 'udp6' : 'udp4',
    // Only IP addresses come here. Without the system's look-up a datagram leaves in the same turn.
    lookup: (ip, _options, callback) => callback(null, ip, ip.includes(':') ? 6 : 4),
    ...options,
  })
  // The handlers below report errors until the socket has an owner. An error event without a listener ends the process.
  socket.on('error', ignore)
  return new Promise((resolve, reject) => {
    const succeed = (): void => {
      socket.off('error', fail)
      resolve(socket)
    }
    const fail = (error: Error): void => {
      socket.off('listening', succeed)
      socket.close()
      reject(error)
    }
    socket.once('error', fail)
    socket.once('listening', succeed)
    // Without `exclusive`, workers of node:cluster share one kernel socket and take each other's datagrams.
    socket.bind({ port, address, exclusive: true })
  })
}

/** The two ends of packets to an address, as the system writes them. */
export interface Route {
  /** The IP address that packets leave from. */
  readonly from: string
  /** The peer's IP address and port. */
  readonly to: UdpRemote
}

/**
 * Asks the system for the route to an address. Nothing is sent: a temporary socket is connected and closed.
 *
 * @param localHost the IP address that packets must leave from; `0.0.0.0` or `::` for any
 * @throws the system's own error if there is no route
 */
export async function findRoute(localHost: string, address: string, port: number): Promise<Route> {
  const socket = await bindSocket(localHost, 0)
  try {
    await new Promise<void>((resolve, reject) => {
      socket.connect(port, address, (error?: Error) => (error ? reject(error) : resolve()))
    })
    return { from: socket.address().address, to: socket.remoteAddress() }
  } finally {
    socket.close()
  }
}

const ignore = (): void => {}
