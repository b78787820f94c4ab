import { isIP } from 'node:net'
import { describe, SttError } from '@stt/errors'
import { bindSocket, resolveHost } from './open-socket.ts'
import { formatUdpUrl, type UdpRemote } from './udp-address.ts'
import { DatagramLink, type UdpLink } from './udp-link.ts'
import { checkUdpOptions, LISTEN_OPTIONS, type UdpListenOptions, type UdpSocketOptions } from './udp-options.ts'
import { UdpSocket } from './udp-socket.ts'
import type { UdpSocketStatistics } from './udp-statistics.ts'

/** One UDP socket for many peers. */
export interface UdpListener {
  /** The address it listens on, with the port that was taken: `udp://127.0.0.1:53411`. */
  readonly address: string
  /**
   * Called with each datagram and a link to its source. The bytes are valid only during the call. The listener keeps nothing
   * of a source: it makes a new link for each datagram, which the callee may keep. `isSame` tells whether two links lead
   * to one address.
   */
  onPacket: (packet: Uint8Array, link: UdpLink) => void
  /**
   * Makes a link to any address.
   *
   * @param hops how many routers its packets may pass, if fewer than usual: such a packet leaves in the same turn
   * @throws SttError `STT_CLOSED`; `STT_BAD_ADDRESS` unless `remote` is an IP address and a port
   */
  link(remote: UdpRemote, hops?: number): UdpLink
  /** Closes the socket and drops what its links are given later. Resolves when no handle is left. */
  close(): Promise<void>
  /** Counters of the socket and of all its links together. */
  getStatistics(): UdpSocketStatistics
}

/**
 * Listens on UDP.
 *
 * @throws SttError `STT_ADDRESS_IN_USE`, `STT_LISTEN_FAILED` (with the cause), `STT_INVALID_ARGUMENT`
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
  readonly #options: UdpSocketOptions

  constructor(socket: UdpSocket, options: UdpSocketOptions) {
    this.#socket = socket
    this.#options = options
    this.address = formatUdpUrl(socket.local)
    // spec: STT-REC-41
    socket.onDatagram = (packet, remote) => this.onPacket(packet, new DatagramLink(socket, remote, options))
  }

  link(remote: UdpRemote, hops?: number): UdpLink {
    if (this.#socket.closed) throw new SttError('STT_CLOSED', `the listener on ${this.address} is closed`)
    checkRemote(remote)
    const { address, port } = remote
    return new DatagramLink(this.#socket, { address, port }, this.#options, hops)
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
    `${typeof address === 'string' ? JSON.stringify(address) : describe(address)} port ${describe(port)} cannot be sent to: give an IP address and a port`,
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
