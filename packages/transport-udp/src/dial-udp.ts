import { abortable, SttError } from '@stt/errors'
import { bindSocket, findRoute, resolveHost } from './open-socket.ts'
import { formatUdpUrl, parseUdpUrl, type UdpRemote } from './udp-address.ts'
import { DatagramLink, type UdpLink } from './udp-link.ts'
import { checkUdpOptions, DIAL_OPTIONS, type UdpDialOptions } from './udp-options.ts'
import { UdpSocket } from './udp-socket.ts'

/**
 * Makes a link to `udp://host:port` with a socket of its own, which takes only that peer's datagrams. Nothing is sent: the
 * handshake finds out whether a peer is there. The system chooses the route of each packet, so the link survives a change of
 * network. Each link has a local port of its own unless `localPort` is given, so dialing the same address again opens
 * another way through a NAT. Closing the link closes the socket.
 *
 * @throws SttError `STT_BAD_ADDRESS`, `STT_CONNECT_FAILED` (with the cause), `STT_INVALID_ARGUMENT`, `STT_ABORTED`, `STT_TIMEOUT`
 */
export async function dialUdp(url: string, options: UdpDialOptions = {}): Promise<UdpLink> {
  checkUdpOptions(options, 'dialUdp', DIAL_OPTIONS)
  const { host, port } = parseUdpUrl(url)
  const dialing = dialAny(url, host, port, options)
  return abortable(dialing, options.signal, `dial ${url}`, late => late.close())
}

async function dialAny(url: string, host: string, port: number, options: UdpDialOptions): Promise<UdpLink> {
  let cause: unknown
  try {
    for (const address of await resolveHost(host)) {
      try {
        return await dialOne(address, port, options)
      } catch (error) {
        // Another address of the host may have a route. The first error says the most, so it is the one reported.
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

async function dialOne(address: string, port: number, options: UdpDialOptions): Promise<UdpLink> {
  const { localPort = 0, localHost = address.includes(':') ? '::' : '0.0.0.0' } = options
  // The peer's address is compared as the system writes it. An address without a route fails here, so the next one is tried.
  const { from, to } = await findRoute(localHost, address, port)
  const socket = new UdpSocket(await bindSocket(localHost, localPort), options, to)
  return new OwnSocketLink(socket, { address: from, port: socket.local.port }, to, options)
}

/** A link with a socket of its own: it takes the socket's datagrams and closes the socket. */
class OwnSocketLink extends DatagramLink {
  readonly #socket: UdpSocket
  readonly #from: UdpRemote

  constructor(socket: UdpSocket, from: UdpRemote, to: UdpRemote, options: UdpDialOptions) {
    super(socket, to, options)
    this.#socket = socket
    this.#from = from
    socket.onDatagram = packet => {
      if (!this.isClosed) this.onPacket(packet)
    }
  }

  override get local(): string {
    return formatUdpUrl(this.#from)
  }

  override close(): Promise<void> {
    void super.close()
    return this.#socket.close()
  }
}
