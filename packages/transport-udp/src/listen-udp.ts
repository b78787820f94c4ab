import { isIP } from 'node:net'
import { describe, SttError } from '@stt/errors'
import { checkUdpOptions, LISTEN_OPTIONS } from './check-options.ts'
import { bindSocket, resolveHost } from './open-socket.ts'
import { formatUdpUrl, type UdpRemote } from './udp-address.ts'
import { type PacketSizes, SocketLink, type UdpLink } from './udp-link.ts'
import { type UdpBufferOptions, UdpSocket } from './udp-socket.ts'
import type { UdpSocketStatistics } from './udp-statistics.ts'

export interface UdpListenOptions extends UdpBufferOptions, PacketSizes {
  /**
   * IP address or name to listen on. Without it only this machine reaches the listener, on `127.0.0.1`; `0.0.0.0` takes
   * every IPv4 address of the machine, `::` every address.
   */
  readonly host?: string
  /** 0, the default, takes any free one. */
  readonly port?: number
}

/** One UDP socket that many peers reach. */
export interface UdpListener {
  /** `udp://127.0.0.1:53411`, with the port that was taken. */
  readonly address: string
  /**
   * Called with each datagram, and a link to where it came from. Nothing is kept of an address: the link is made anew, and
   * is the callee's to keep; `isSame` tells whether two of them lead to one address. The bytes are valid only during the
   * call.
   */
  onPacket: (packet: Uint8Array, link: UdpLink) => void
  /**
   * A link to any address.
   *
   * @param hops how many routers its packets pass, where that is less than usual: such a packet leaves in the same turn
   * @throws SttError STT_CLOSED; STT_BAD_ADDRESS for what is no IP address and port
   */
  link(remote: UdpRemote, hops?: number): UdpLink
  /** Closes the socket; what its links are given then is dropped. Resolves when no handle is left. */
  close(): Promise<void>
  getStatistics(): UdpSocketStatistics
}

/**
 * Listens on UDP.
 *
 * @throws SttError STT_ADDRESS_IN_USE, STT_LISTEN_FAILED (with why), STT_INVALID_ARGUMENT
 */
export async function listenUdp(options: UdpListenOptions = {}): Promise<UdpListener> {
  checkUdpOptions(options, 'listenUdp', LISTEN_OPTIONS)
  const { host = '127.0.0.1', port = 0 } = options
  try {
    const [address] = await resolveHost(host)
    return new SocketListener(new UdpSocket(await bindSocket(address!, port), options), options)
  } catch (cause) {
    throw listenError(cause, host, port)
  }
}

class SocketListener implements UdpListener {
  readonly address: string
  onPacket: (packet: Uint8Array, link: UdpLink) => void = () => {}
  readonly #socket: UdpSocket
  readonly #sizes: PacketSizes

  constructor(socket: UdpSocket, sizes: PacketSizes) {
    this.#socket = socket
    this.#sizes = sizes
    this.address = formatUdpUrl(socket.local)
    // spec: STT-REC-41
    socket.onDatagram = (packet, remote) => this.onPacket(packet, new SocketLink(socket, remote, sizes))
  }

  link(remote: UdpRemote, hops?: number): UdpLink {
    if (this.#socket.closed) throw new SttError('STT_CLOSED', `the listener on ${this.address} is closed`)
    checkRemote(remote)
    const { address, port } = remote
    return new SocketLink(this.#socket, { address, port }, this.#sizes, hops)
  }

  close(): Promise<void> {
    return this.#socket.close()
  }

  getStatistics(): UdpSocketStatistics {
    return this.#socket.getStatistics()
  }
}

function checkRemote(remote: UdpRemote): void {
  const { address, port } = (remote ?? {}) as Partial<UdpRemote>
  if (
    typeof address === 'string' &&
    port !== undefined &&
    isIP(address) !== 0 &&
    Number.isInteger(port) &&
    port > 0 &&
    port <= 65_535
  )
    return
  throw new SttError(
    'STT_BAD_ADDRESS',
    `${typeof address === 'string' ? JSON.stringify(address) : describe(address)} port ${describe(port)} is nowhere to send to: give an IP address and a port`,
  )
}

function listenError(cause: unknown, host: string, port: number): SttError {
  const code = (cause as NodeJS.ErrnoException).code ?? 'unknown'
  const where = `udp ${host} port ${port}`
  if (code === 'EADDRINUSE') {
    const message = `cannot listen on ${where}: another socket has it. Stop that program, or listen on port 0. Workers of node:cluster cannot share a UDP port, since each peer's datagrams have to reach the worker that has its session: give each worker a port of its own, or listen in one`
    return new SttError('STT_ADDRESS_IN_USE', message, { cause, details: { port } })
  }
  const why = REASONS[code] ?? (cause instanceof Error ? cause.message : String(cause))
  return new SttError('STT_LISTEN_FAILED', `cannot listen on ${where}: ${why}`, { cause, details: { reason: code } })
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'not permitted. Ports below 1024 need a privilege: choose a higher one',
  EADDRNOTAVAIL: 'no interface of this machine has that address. 0.0.0.0 or :: listen on all of them',
  ENOTFOUND: 'the name is not known. Give an IP address of this machine',
  EAFNOSUPPORT: 'this machine does not speak that address family',
}
