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
   * Called with each datagram from an address that no link was made for. Nothing is kept of a stranger: what is
   * remembered of it is the callee's choice. The bytes are valid only during the call.
   */
  onDatagram: (packet: Uint8Array, remote: UdpRemote) => void
  /** Sends one datagram to any address, without a link. */
  send(packet: Uint8Array, remote: UdpRemote): boolean
  /** The link to an address, made when there is none. Closing it forgets the address. */
  link(remote: UdpRemote): UdpLink
  /** Closes every link and the socket. Resolves when no handle is left. */
  close(): Promise<void>
  getStatistics(): UdpListenerStatistics
}

export interface UdpListenerStatistics extends UdpSocketStatistics {
  /** Links that are open. */
  readonly links: number
  /** Datagrams from addresses without a link. */
  readonly strangerPackets: number
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
  onDatagram: (packet: Uint8Array, remote: UdpRemote) => void = () => {}
  readonly #socket: UdpSocket
  readonly #sizes: PacketSizes
  readonly #links = new Map<string, SocketLink>()
  /** Datagrams come in runs from one address. */
  #lastLink: SocketLink | undefined
  #strangerPackets = 0

  constructor(socket: UdpSocket, sizes: PacketSizes) {
    this.#socket = socket
    this.#sizes = sizes
    this.address = formatUdpUrl(socket.local)
    socket.onDatagram = (packet, remote) => {
      const link = this.#find(remote)
      if (link) {
        link.receive(packet)
        return
      }
      // spec: STT-REC-41
      this.#strangerPackets++
      this.onDatagram(packet, remote)
    }
    socket.onDrain = () => {
      for (const link of this.#links.values()) link.drained()
    }
  }

  send(packet: Uint8Array, remote: UdpRemote): boolean {
    return this.#socket.send(packet, remote)
  }

  link(remote: UdpRemote): UdpLink {
    if (this.#socket.closed) throw new SttError('STT_CLOSED', `the listener on ${this.address} is closed`)
    checkRemote(remote)
    const key = keyOf(remote)
    let link = this.#links.get(key)
    if (!link) {
      const to = { address: remote.address, port: remote.port }
      const release = (closed: SocketLink): void => {
        this.#links.delete(key)
        if (this.#lastLink === closed) this.#lastLink = undefined
      }
      link = new SocketLink(this.#socket, to, { connected: false, sizes: this.#sizes, release })
      this.#links.set(key, link)
    }
    return link
  }

  close(): Promise<void> {
    for (const link of [...this.#links.values()]) link.close()
    return this.#socket.close()
  }

  getStatistics(): UdpListenerStatistics {
    return {
      ...this.#socket.getStatistics(),
      links: this.#links.size,
      strangerPackets: this.#strangerPackets,
    }
  }

  #find(remote: UdpRemote): SocketLink | undefined {
    const last = this.#lastLink
    if (last && last.to.port === remote.port && last.to.address === remote.address) return last
    const link = this.#links.get(keyOf(remote))
    if (link) this.#lastLink = link
    return link
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

const keyOf = ({ address, port }: UdpRemote): string => `${address} ${port}`

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
