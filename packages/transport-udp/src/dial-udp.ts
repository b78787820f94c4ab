import { SttError } from '@stt/errors'
import { checkUdpOptions, DIAL_OPTIONS } from './check-options.ts'
import { abortable, bindSocket, findRoute, resolveHost } from './open-socket.ts'
import { formatUdpUrl, parseUdpUrl, type UdpRemote } from './udp-address.ts'
import { type PacketSizes, SocketLink, type UdpLink } from './udp-link.ts'
import { type UdpBufferOptions, UdpSocket } from './udp-socket.ts'
import type { UdpSocketStatistics } from './udp-statistics.ts'

export interface UdpDialOptions extends UdpBufferOptions, PacketSizes {
  readonly signal?: AbortSignal
  /** Local IP address to send from; the system chooses unless given. */
  readonly localHost?: string
  /** Local port; 0, the default, takes any free one. */
  readonly localPort?: number
}

/**
 * A link with a socket of its own, which only its peer's datagrams pass. The system chooses how each packet leaves, so that
 * the link goes on where the network changed. Closing it closes the socket.
 */
export interface UdpDialedLink extends UdpLink {
  getStatistics(): UdpSocketStatistics
  /** Resolves when the link was closed and no handle is left. */
  readonly closed: Promise<void>
}

/**
 * A link to `udp://host:port`. Nothing is sent: that there is somebody is for the handshake to find out. Each has a local
 * port of its own unless `localPort` is given: to dial the same address again makes another way through a NAT.
 *
 * @throws SttError STT_BAD_ADDRESS, STT_CONNECT_FAILED (with why), STT_INVALID_ARGUMENT, STT_ABORTED, STT_TIMEOUT
 */
export async function dialUdp(url: string, options: UdpDialOptions = {}): Promise<UdpDialedLink> {
  checkUdpOptions(options, 'dialUdp', DIAL_OPTIONS)
  const { host, port } = parseUdpUrl(url)
  const dialing = dialAny(url, host, port, options)
  return abortable(dialing, options.signal, `dial ${url}`, late => late.close())
}

async function dialAny(url: string, host: string, port: number, options: UdpDialOptions): Promise<UdpDialedLink> {
  let cause: unknown
  try {
    for (const address of await resolveHost(host)) {
      try {
        return await dialOne(address, port, options)
      } catch (error) {
        // Another of the host's addresses may have a route; the first one's error says the most.
        cause ??= error
      }
    }
  } catch (error) {
    cause = error
  }
  const why = cause instanceof Error ? cause.message : 'the host has no address'
  const message = `cannot reach ${url}: ${why}. Check the address and that this machine has a route to it`
  throw new SttError('STT_CONNECT_FAILED', message, { cause })
}

async function dialOne(address: string, port: number, options: UdpDialOptions): Promise<UdpDialedLink> {
  const { localPort = 0, localHost = address.includes(':') ? '::' : '0.0.0.0' } = options
  // Datagrams are compared with the address as the system writes it, and where there is no way another address is tried.
  const { from, to } = await findRoute(localHost, address, port)
  const socket = new UdpSocket(await bindSocket(localHost, localPort), options, to)
  return new DialedLink(socket, { address: from, port: socket.local.port }, to, options)
}

class DialedLink extends SocketLink implements UdpDialedLink {
  readonly closed: Promise<void>
  readonly #ownSocket: UdpSocket
  readonly #from: UdpRemote
  #ended: (closing: Promise<void>) => void = () => {}

  constructor(socket: UdpSocket, from: UdpRemote, to: UdpRemote, sizes: PacketSizes) {
    super(socket, to, sizes)
    this.#from = from
    this.closed = new Promise<void>(resolve => (this.#ended = resolve))
    this.#ownSocket = socket
    socket.onDatagram = packet => {
      if (!this.isClosed) this.onPacket(packet)
    }
  }

  override get local(): string {
    return formatUdpUrl(this.#from)
  }

  override close(): void {
    super.close()
    this.#ended(this.#ownSocket.close())
  }

  getStatistics(): UdpSocketStatistics {
    return this.#ownSocket.getStatistics()
  }
}
