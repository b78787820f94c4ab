import type { Link } from '@stt/frame'
import { formatUdpUrl, type UdpRemote } from '@stt/transport-udp'
import type { OpenedLink } from './environment.ts'
import type { SessionDriver } from './session-driver.ts'
import type { SharedLink } from './shared-link.ts'

/** What a door does for the routes of its sessions. */
export interface UdpRouteHost {
  /** One session's part of the link to an address. @param onReleased called once, when the session lets go of it */
  share(remote: UdpRemote, onReleased: (link: SharedLink) => void): SharedLink
  /** Sends one datagram to an address that nothing is kept of. */
  send(packet: Uint8Array, remote: UdpRemote): boolean
}

/**
 * The way to one session behind a listener, whose peer may turn up at another address: what comes from there reaches
 * the session as from another link, and the session moves when its peer has proved to be there. Whoever copies packets
 * proves nothing, and no address is kept here but the proved one.
 */
// spec: STT-REC-50
export class UdpRoute {
  readonly #host: UdpRouteHost
  readonly #end: () => void
  #remote: UdpRemote
  #link: SharedLink
  #driver: SessionDriver | undefined

  /** @param end called once, when the session is gone */
  constructor(remote: UdpRemote, host: UdpRouteHost, end: () => void) {
    this.#host = host
    this.#end = end
    this.#remote = remote
    this.#link = this.#share(remote)
  }

  /** What the session begins with. */
  get opened(): OpenedLink {
    return { link: this.#link, follow: link => this.#follow(link) }
  }

  /** From now on packets go to this session. */
  start(driver: SessionDriver): void {
    this.#driver = driver
  }

  receive(packet: Uint8Array, remote: UdpRemote): void {
    this.#driver?.receive(packet, isSame(remote, this.#remote) ? this.#link : this.#elsewhere(remote))
  }

  // spec: STT-REC-51
  #elsewhere(remote: UdpRemote): Link {
    const candidate = this.#driver?.candidateLink
    if (candidate instanceof UnprovedLink && isSame(candidate.to, remote)) return candidate
    return new UnprovedLink({ address: remote.address, port: remote.port }, this.#host)
  }

  // spec: STT-REC-52
  #follow(link: Link): OpenedLink {
    if (!(link instanceof UnprovedLink)) throw new TypeError('only an address that was asked can have proved itself')
    const left = this.#link
    this.#remote = link.to
    this.#link = this.#share(link.to)
    left.close()
    return this.opened
  }

  #share(remote: UdpRemote): SharedLink {
    return this.#host.share(remote, released => {
      if (released === this.#link) this.#end()
    })
  }
}

/** An address that has proved nothing: packets about paths can be sent there, and nothing is kept of it but this. */
class UnprovedLink implements Link {
  readonly lossy = true
  readonly ordered = false
  readonly maxPacketSize = 1_200
  readonly to: UdpRemote
  readonly #host: UdpRouteHost
  onPacket: (packet: Uint8Array) => void = () => {}
  onDrain: () => void = () => {}
  onClose: (reason?: Error) => void = () => {}

  constructor(to: UdpRemote, host: UdpRouteHost) {
    this.to = to
    this.#host = host
  }

  get remote(): string {
    return formatUdpUrl(this.to)
  }

  createRecovery(): undefined {}

  send(packet: Uint8Array): boolean {
    return this.#host.send(packet, this.to)
  }

  close(): void {}
}

const isSame = (a: UdpRemote, b: UdpRemote): boolean => a === b || (a.port === b.port && a.address === b.address)
