import { connectionIdKey, isPacket, type Link, PACKET_OVERHEAD } from '@stt/frame'
import { type HandshakeHeader, isHandshake, MessageType, parseHandshakeHeader } from '@stt/handshake'
import { createPathController, type UdpLink, type UdpListener, type UdpRemote } from '@stt/transport-udp'
import { Acceptor } from './accept.ts'
import type { Door } from './door.ts'
import type { NodeContext } from './node-context.ts'
import { SharedLink } from './shared-link.ts'

/** A handshake under way, or over and kept so that its last answer can be repeated. */
interface Run {
  readonly acceptor: Acceptor
  readonly address: string
  readonly expiry: unknown
}

/**
 * Many peers on one socket: packets find their session by connection id, handshake messages their run by address and
 * the peer's connection id. Nothing is kept of an address before a HELLO of a seed holder came from it.
 */
export class UdpDoor implements Door {
  readonly #listener: UdpListener
  readonly #context: NodeContext
  /** By address and the initiator's connection id. */
  readonly #runs = new Map<string, Run>()
  /** By own connection id. */
  readonly #routes = new Map<string, SharedLink>()
  /** Links by address, each shared by the sessions with that address. */
  readonly #links = new Map<UdpLink, Set<SharedLink>>()

  constructor(listener: UdpListener, context: NodeContext) {
    this.#listener = listener
    this.#context = context
    listener.onDatagram = (packet, remote) => this.#receive(packet, remote)
  }

  get address(): string {
    return this.#listener.address
  }

  close(): Promise<void> {
    for (const key of [...this.#runs.keys()]) this.#forget(key)
    return this.#listener.close()
  }

  #receive(packet: Uint8Array, remote: UdpRemote): void {
    if (isHandshake(packet)) return this.#onHandshake(packet, remote)
    // Garbage, or a packet of a session that is gone: silence.
    const route =
      isPacket(packet) && packet.length >= PACKET_OVERHEAD ? this.#routes.get(connectionIdKey(packet, 1)) : undefined
    if (route) route.onPacket(packet)
    else this.#context.counters.unexpected++
  }

  #onHandshake(packet: Uint8Array, remote: UdpRemote): void {
    const header = parseHandshakeHeader(packet)
    if (!header) {
      this.#context.counters.malformed++
      return
    }
    const address = `${remote.address} ${remote.port}`
    const key = address + connectionIdKey(header.scid)
    const run = this.#runs.get(key) ?? this.#begin(header, key, address)
    if (!run) return
    const answer = run.acceptor.receive(packet)
    if (!run.acceptor.started) this.#forget(key)
    if (!answer) return
    this.#listener.send(answer, remote)
    if (run.acceptor.result) this.#openOnce(run.acceptor, remote)
  }

  #begin({ type }: HandshakeHeader, key: string, address: string): Run | undefined {
    const { clock, counters, limits } = this.#context
    if (type !== MessageType.Hello || counters.pending >= limits.pendingHandshakes) {
      counters.unexpected++
      return undefined
    }
    counters.pending++
    const acceptor = new Acceptor(this.#context, true)
    const expiry = clock.setTimer(() => this.#forget(key), limits.handshakeTimeout)
    const run = { acceptor, address, expiry }
    this.#runs.set(key, run)
    return run
  }

  /** The session begins with the first FINAL; FINAL can be asked for again after that. */
  #openOnce(acceptor: Acceptor, remote: UdpRemote): void {
    const { result } = acceptor
    if (!result || this.#routes.has(connectionIdKey(result.localCid))) return
    const link = this.#share(connectionIdKey(result.localCid), remote)
    const controller = createPathController({ maxDatagramSize: link.maxPacketSize })
    this.#context.announce(this.#context.open(result, link, controller))
  }

  #share(route: string, remote: UdpRemote): Link {
    const link = this.#listener.link(remote)
    let sharers = this.#links.get(link)
    if (!sharers) {
      sharers = new Set()
      this.#links.set(link, sharers)
      const all = sharers
      link.onPacket = packet => this.#receive(packet, remote)
      link.onDrain = () => {
        for (const sharer of all) sharer.onDrain()
      }
      link.onClose = reason => {
        for (const sharer of [...all]) sharer.onClose(reason)
      }
    }
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

  #forget(key: string): void {
    const run = this.#runs.get(key)
    if (!run) return
    this.#runs.delete(key)
    this.#context.clock.clearTimer(run.expiry)
    run.acceptor.dispose()
    this.#context.counters.pending--
  }
}
