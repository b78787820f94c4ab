import { connectionIdKey, isPacket } from '@stt/frame'
import { type HandshakeResult, type HandshakeRun, isHandshake } from '@stt/handshake'
import { formatUdpUrl, type UdpLink, type UdpListener, type UdpRemote } from '@stt/transport-udp'
import { budgetPrefix } from './address-prefix.ts'
import type { Door } from './door.ts'
import type { HandshakeOrigin } from './handshakes.ts'
import type { NodeContext } from './node-context.ts'
import { SharedLink } from './shared-link.ts'
import { UdpRoute, type UdpRouteHost } from './udp-route.ts'

/**
 * Many peers on one socket: packets find their session by connection id, everything else is the handshakes'. Nothing
 * is kept here of an address without a session.
 */
export class UdpDoor implements Door {
  readonly #listener: UdpListener
  readonly #context: NodeContext
  readonly #origins: UdpOriginHost
  #closed = false
  /** By own connection id. */
  readonly #routes = new Map<string, UdpRoute>()
  /** Links by address, each shared by the sessions with that address. */
  readonly #links = new Map<UdpLink, Set<SharedLink>>()

  constructor(listener: UdpListener, context: NodeContext) {
    this.#listener = listener
    this.#context = context
    this.#origins = {
      isClosed: () => this.#closed,
      send: (message, remote) => void listener.send(message, remote),
      open: (remote, result, run, packets) => this.#open(remote, result, run, packets),
    }
    const { guard } = context
    listener.onDatagram = guard.wrap((packet: Uint8Array, remote: UdpRemote) => this.#receive(packet, remote))
  }

  get address(): string {
    return this.#listener.address
  }

  close(): Promise<void> {
    this.#closed = true
    return this.#listener.close()
  }

  #receive(packet: Uint8Array, remote: UdpRemote): void {
    const route = isPacket(packet) ? this.#routes.get(connectionIdKey(packet, 1)) : undefined
    if (route) route.receive(packet, remote)
    else if (isHandshake(packet)) this.#context.handshakes.receive(new UdpOrigin(remote, this.#origins), packet)
    else this.#onStray(packet, remote)
  }

  /** Garbage, or a packet of a session that is gone. */
  #onStray(packet: Uint8Array, remote: UdpRemote): void {
    const reset = this.#context.answerStray(packet, formatUdpUrl(remote))
    if (reset) this.#listener.send(reset, remote)
  }

  #open(remote: UdpRemote, result: HandshakeResult, run: HandshakeRun, packets: readonly Uint8Array[]): void {
    const key = connectionIdKey(result.localCid)
    const host: UdpRouteHost = {
      share: (address, onReleased) => this.#share(address, onReleased),
      send: (packet, address) => this.#listener.send(packet, address),
    }
    const route = new UdpRoute(remote, host, () => this.#routes.delete(key))
    this.#routes.set(key, route)
    const handle = this.#context.open(result, run, route.opened, packets)
    route.start(handle.driver)
    this.#context.announce(handle)
  }

  #share(remote: UdpRemote, onReleased: (link: SharedLink) => void): SharedLink {
    const link = this.#listener.link(remote)
    const sharers = this.#links.get(link) ?? this.#firstSharer(link, remote)
    const shared = new SharedLink(link, () => {
      sharers.delete(shared)
      if (sharers.size === 0) {
        this.#links.delete(link)
        link.close()
      }
      onReleased(shared)
    })
    sharers.add(shared)
    return shared
  }

  #firstSharer(link: UdpLink, remote: UdpRemote): Set<SharedLink> {
    const sharers = new Set<SharedLink>()
    this.#links.set(link, sharers)
    const { guard } = this.#context
    link.onPacket = guard.wrap((packet: Uint8Array) => this.#receive(packet, remote))
    link.onDrain = guard.wrap(() => {
      for (const sharer of sharers) sharer.onDrain()
    })
    link.onClose = guard.wrap((reason?: Error) => {
      for (const sharer of [...sharers]) sharer.onClose(reason)
    })
    return sharers
  }
}

/** What a door does for those who shake hands at it. */
interface UdpOriginHost {
  isClosed(): boolean
  send(message: Uint8Array, remote: UdpRemote): void
  open(remote: UdpRemote, result: HandshakeResult, run: HandshakeRun, packets: readonly Uint8Array[]): void
}

/** Where one datagram came from: all that is known of it, and kept for as long as its handshake. */
class UdpOrigin implements HandshakeOrigin {
  readonly lossy = true
  readonly proved = false
  readonly label: string
  readonly #remote: UdpRemote
  readonly #host: UdpOriginHost

  constructor({ address, port }: UdpRemote, host: UdpOriginHost) {
    this.#remote = { address, port }
    this.#host = host
    this.label = formatUdpUrl(this.#remote)
  }

  /** Made when it is asked for: only a HELLO is counted. */
  get prefix(): string {
    return budgetPrefix(this.label)
  }

  get hasLeft(): boolean {
    return this.#host.isClosed()
  }

  send(message: Uint8Array): void {
    this.#host.send(message, this.#remote)
  }

  onSession(result: HandshakeResult, run: HandshakeRun, packets: readonly Uint8Array[]): void {
    this.#host.open(this.#remote, result, run, packets)
  }

  onFailed(): void {}
}
