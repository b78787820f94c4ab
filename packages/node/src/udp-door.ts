import { connectionIdKey, isPacket, type Link } from '@stt/frame'
import { type HandshakeResult, type HandshakeRun, isHandshake } from '@stt/handshake'
import {
  createPathController,
  formatUdpUrl,
  parseUdpUrl,
  type UdpLink,
  type UdpListener,
  type UdpRemote,
} from '@stt/transport-udp'
import type { Door } from './door.ts'
import type { NodeContext } from './node-context.ts'
import { SharedLink } from './shared-link.ts'

/**
 * Many peers on one socket: packets find their session by connection id, everything else is the handshakes'. Nothing
 * is kept here of an address without a session.
 */
export class UdpDoor implements Door {
  readonly #listener: UdpListener
  readonly #context: NodeContext
  readonly #suffix: string
  /** By own connection id. */
  readonly #routes = new Map<string, SharedLink>()
  /** Links by address, each shared by the sessions with that address. */
  readonly #links = new Map<UdpLink, Set<SharedLink>>()

  constructor(listener: UdpListener, context: NodeContext) {
    this.#listener = listener
    this.#context = context
    this.#suffix = context.handshakes.join({
      send: (message, address) => void listener.send(message, this.#remoteOf(address)),
      onSession: (result, run, packets) => this.#open(result, run, packets),
      onFailed: () => {},
    })
    listener.onDatagram = (packet, remote) => this.#receive(packet, remote)
  }

  get address(): string {
    return this.#listener.address
  }

  close(): Promise<void> {
    this.#context.handshakes.leave(this.#suffix)
    return this.#listener.close()
  }

  #receive(packet: Uint8Array, remote: UdpRemote): void {
    const route = isPacket(packet) ? this.#routes.get(connectionIdKey(packet, 1)) : undefined
    if (route) route.onPacket(packet)
    else if (isHandshake(packet)) this.#context.handshakes.receive(formatUdpUrl(remote) + this.#suffix, packet)
    else this.#onStray(packet, remote)
  }

  /** Garbage, or a packet of a session that is gone. */
  #onStray(packet: Uint8Array, remote: UdpRemote): void {
    const reset = this.#context.answerStray(packet)
    if (reset) this.#listener.send(reset, remote)
  }

  #remoteOf(address: string): UdpRemote {
    const { host, port } = parseUdpUrl(address.slice(0, -this.#suffix.length))
    return { address: host, port }
  }

  #open(result: HandshakeResult, run: HandshakeRun, packets: readonly Uint8Array[]): void {
    const link = this.#share(connectionIdKey(result.localCid), this.#remoteOf(run.address))
    const controller = createPathController({ maxDatagramSize: link.maxPacketSize })
    this.#context.announce(this.#context.open(result, run, { link, controller }, packets))
  }

  #share(route: string, remote: UdpRemote): Link {
    const link = this.#listener.link(remote)
    const sharers = this.#links.get(link) ?? this.#firstSharer(link, remote)
    const shared = new SharedLink(link, () => {
      this.#routes.delete(route)
      sharers.delete(shared)
      if (sharers.size > 0) return
      this.#links.delete(link)
      link.close()
    })
    sharers.add(shared)
    this.#routes.set(route, shared)
    return shared
  }

  #firstSharer(link: UdpLink, remote: UdpRemote): Set<SharedLink> {
    const sharers = new Set<SharedLink>()
    this.#links.set(link, sharers)
    link.onPacket = packet => this.#receive(packet, remote)
    link.onDrain = () => {
      for (const sharer of sharers) sharer.onDrain()
    }
    link.onClose = reason => {
      for (const sharer of [...sharers]) sharer.onClose(reason)
    }
    return sharers
  }
}
