import { describe, SttError } from '@stt/errors'
import { isLoopback, type Link, type LossRecovery } from '@stt/frame'
import { createLossRecovery } from '@stt/recovery'
import { formatUdpUrl, type UdpRemote } from './udp-address.ts'
import { MAX_UDP_PAYLOAD, type UdpSocket } from './udp-socket.ts'
import type { UdpTraffic } from './udp-statistics.ts'

/** A path over UDP to one address. */
export interface UdpLink extends Link {
  readonly local: string
  /** Bytes of the packets that the path is believed to carry from the start: `maxPacketSize`, where probes reach it, is more. */
  readonly basePacketSize: number
  getStatistics(): UdpTraffic
}

/** How large the packets of a socket's links may be, in bytes. */
export interface PacketSizes {
  /** The largest packet sent; 1,200 unless given, and about 60 KB to loopback addresses. */
  readonly maxPacketSize?: number
  /** The largest size to look for with probes, where that is more; none is looked for unless given. 1,452 suits Ethernet. */
  readonly probeUpTo?: number
}

/** @throws SttError STT_INVALID_ARGUMENT that names the size */
export function checkPacketSizes({ maxPacketSize, probeUpTo }: PacketSizes): void {
  checkPacketSize('maxPacketSize', maxPacketSize)
  checkPacketSize('probeUpTo', probeUpTo)
}

/** What a link does beside `Link`: its socket feeds it and its owner ends it. */
export class SocketLink implements UdpLink {
  readonly lossy = true
  readonly ordered = false
  readonly basePacketSize: number
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
    options: { connected: boolean; sizes: PacketSizes; release: (link: SocketLink) => void },
  ) {
    this.#socket = socket
    this.to = to
    this.#sendTo = options.connected ? undefined : to
    this.#release = options.release
    const { maxPacketSize = defaultPacketSize(to.address), probeUpTo = 0 } = options.sizes
    this.basePacketSize = maxPacketSize
    this.maxPacketSize = Math.max(maxPacketSize, probeUpTo)
    this.remote = formatUdpUrl(to)
    this.local = formatUdpUrl(socket.local)
  }

  createRecovery(): LossRecovery {
    return createLossRecovery({ maxDatagramSize: this.basePacketSize, probeUpTo: this.maxPacketSize })
  }

  send(packet: Uint8Array): boolean {
    if (this.#closed) return true
    const writable = this.#socket.send(packet, this.#sendTo)
    this.#packetsSent++
    this.#bytesSent += packet.length
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
const defaultPacketSize = (address: string): number => (isLoopback(address) ? LOOPBACK_PACKET_SIZE : BASE_PACKET_SIZE)

function checkPacketSize(name: string, size: number | undefined): void {
  if (size === undefined || (Number.isInteger(size) && size >= BASE_PACKET_SIZE && size <= MAX_UDP_PAYLOAD)) return
  const range = `whole bytes from ${BASE_PACKET_SIZE} to ${MAX_UDP_PAYLOAD}`
  throw new SttError('STT_INVALID_ARGUMENT', `${name} is ${describe(size)}: give ${range}`)
}

const BASE_PACKET_SIZE = 1_200
const LOOPBACK_PACKET_SIZE = 61_440
