import type { Link } from '@stt/frame'
import { formatUdpUrl, isLoopback, type UdpRemote } from './udp-address.ts'
import type { UdpSocket } from './udp-socket.ts'
import type { UdpTraffic } from './udp-statistics.ts'

/** A path over UDP to one address. */
export interface UdpLink extends Link {
  readonly kind: 'datagram'
  readonly local: string
  getStatistics(): UdpTraffic
}

/** What a link does beside `Link`: its socket feeds it and its owner ends it. */
export class SocketLink implements UdpLink {
  readonly kind = 'datagram'
  readonly maxPacketSize: number
  readonly remote: string
  readonly local: string
  readonly to: UdpRemote
  onPacket: (packet: Uint8Array) => void = () => {}
  onDrain: () => void = () => {}
  onClose: (reason?: Error) => void = () => {}
  readonly #socket: UdpSocket
  readonly #sendTo: UdpRemote | undefined
  readonly #release: (link: SocketLink) => void
  #blocked = false
  #closed = false
  #packetsSent = 0
  #bytesSent = 0
  #packetsReceived = 0
  #bytesReceived = 0

  /** @param release called once, inside `close`: lets go of whatever the link holds */
  constructor(
    socket: UdpSocket,
    to: UdpRemote,
    options: { connected: boolean; maxPacketSize: number | undefined; release: (link: SocketLink) => void },
  ) {
    this.#socket = socket
    this.to = to
    this.#sendTo = options.connected ? undefined : to
    this.#release = options.release
    this.maxPacketSize = options.maxPacketSize ?? defaultPacketSize(to.address)
    this.remote = formatUdpUrl(to)
    this.local = formatUdpUrl(socket.local)
  }

  send(packet: Uint8Array): boolean {
    if (this.#closed) return true
    this.#packetsSent++
    this.#bytesSent += packet.length
    const writable = this.#socket.send(packet, this.#sendTo)
    if (!writable) this.#blocked = true
    return writable
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#release(this)
    setImmediate(() => this.onClose())
  }

  receive(packet: Uint8Array): void {
    if (this.#closed) return
    this.#packetsReceived++
    this.#bytesReceived += packet.length
    this.onPacket(packet)
  }

  drained(): void {
    if (!this.#blocked || this.#closed) return
    this.#blocked = false
    this.onDrain()
  }

  getStatistics(): UdpTraffic {
    return {
      packetsSent: this.#packetsSent,
      bytesSent: this.#bytesSent,
      packetsReceived: this.#packetsReceived,
      bytesReceived: this.#bytesReceived,
    }
  }
}

/** Where a packet never leaves the machine its size is free; elsewhere the smallest that every path carries. */
// spec: STT-REC-30
const defaultPacketSize = (address: string): number =>
  isLoopback(address) ? LOOPBACK_PACKET_SIZE : BASE_PACKET_SIZE

const BASE_PACKET_SIZE = 1_200
const LOOPBACK_PACKET_SIZE = 61_440
