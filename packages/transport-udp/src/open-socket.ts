import { createSocket, type Socket, type SocketOptions } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { abortError, onAbort } from '@stt/errors'
import type { UdpRemote } from './udp-address.ts'

/** The addresses of a host, IPv4 first, as that is what listeners without a choice take; an IP address is its own. */
export async function resolveHost(host: string): Promise<readonly string[]> {
  if (isIP(host.split('%')[0]!) !== 0) return [host]
  const found = await lookup(host, { all: true, verbatim: false })
  return found.map(({ address }) => address)
}

/**
 * A socket bound to an IP address and port.
 *
 * @throws the system's own error, after closing the socket
 */
export function bindSocket(address: string, port: number, options: Partial<SocketOptions> = {}): Promise<Socket> {
  const socket = createSocket({
    type: address.includes(':') ? 'udp6' : 'udp4',
    // Only IP addresses come here: without a look-up of its own a send leaves in the same turn.
    lookup: (ip, _options, callback) => callback(null, ip, ip.includes(':') ? 6 : 4),
    ...options,
  })
  // Until it has an owner, what is wrong with it is told by the calls below. An error that nobody listens to ends the process.
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
    // Workers of node:cluster would share one socket of the kernel, and take each other's datagrams.
    socket.bind({ port, address, exclusive: true })
  })
}

/** Both ends of what goes to an address now, as the system writes them. */
export interface Route {
  /** IP address that packets leave from. */
  readonly from: string
  readonly to: UdpRemote
}

/**
 * Asks the system how packets get to an address. Nothing is sent: a socket of its own is connected for it, and closed.
 *
 * @param localHost IP address that they have to leave from, or `0.0.0.0` or `::`
 * @throws the system's own error, where there is no way
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

/** `work`, or a rejection as soon as `signal` aborts; then what `work` still gives is passed to `discard`. */
export function abortable<T>(
  work: Promise<T>,
  signal: AbortSignal | undefined,
  what: string,
  discard: (late: T) => void,
): Promise<T> {
  if (!signal) return work
  return new Promise<T>((resolve, reject) => {
    const abort = (): void => {
      reject(abortError(signal, what))
      work.then(discard, () => {})
    }
    if (signal.aborted) return abort()
    const leave = onAbort(signal, abort)
    work.then(resolve, reject).finally(leave)
  })
}

const ignore = (): void => {}
