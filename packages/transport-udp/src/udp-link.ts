import type { Link, LossRecovery } from '@stt/frame'
import { createLossRecovery } from '@stt/recovery'
import { defaultPacketSize, ETHERNET_PACKET_SIZE } from './packet-sizes.ts'
import type { Sender } from './sender.ts'
import { formatUdpUrl, type UdpRemote } from './udp-address.ts'
import type { UdpSocketOptions } from './udp-options.ts'
import type { UdpSocket } from './udp-socket.ts'
import type { UdpSocketStatistics } from './udp-statistics.ts'

/** A path over UDP to one address. */
export interface UdpLink extends Link {
  /**
   * The local address as text for people. A dialed link names the address that its packets left from at the time of the
   * dial; the system may choose another one later.
   */
  readonly local: string
  /** The packet size in bytes that the path is expected to carry at once. `maxPacketSize` is more where probes look for more. */
  readonly basePacketSize: number
  /** Hands what was sent to the system and ends the link. Resolves when the link holds no socket any more; never rejects. */
  close(): Promise<void>
  /** Counters of the link's socket. All links of a listener share its socket. */
  getStatistics(): UdpSocketStatistics
}

/** A socket together with one address: so little that a listener makes one for each datagram that arrives. */
export class DatagramLink implements UdpLink, Sender {
  readonly lossy = true
  readonly ordered = false
  onPacket: (packet: Uint8Array) => void = ignore
  onDrain: () => void = ignore
  onUnreachable: (reason: Error) => void = ignore
  onClose: (reason?: Error) => void = ignore
  readonly to: UdpRemote
  readonly #socket: UdpSocket
  readonly #options: UdpSocketOptions
  readonly #hops: number | undefined
  /** 0 until it is asked for. A session asks for each packet; most links of a listener are never asked. */
  #basePacketSize = 0
  #closed = false
  /** The earliest time of the next hint, on the clock of `performance`. */
  #nextHint = 0

  /** @param hops how many routers a packet may pass; the system's default if undefined */
  constructor(socket: UdpSocket, to: UdpRemote, options: UdpSocketOptions, hops?: number) {
    this.#socket = socket
    this.to = to
    this.#options = options
    this.#hops = hops
  }

  get remote(): string {
    return formatUdpUrl(this.to)
  }

  get local(): string {
    return formatUdpUrl(this.#socket.local)
  }

  // spec: STT-REC-30
  get basePacketSize(): number {
    if (this.#basePacketSize === 0) this.#basePacketSize = this.#options.maxPacketSize ?? defaultPacketSize(this.to)
    return this.#basePacketSize
  }

  get maxPacketSize(): number {
    const { maxPacketSize, probeUpTo = maxPacketSize ?? ETHERNET_PACKET_SIZE } = this.#options
    return Math.max(this.basePacketSize, probeUpTo)
  }

  /** Whether `close` was called. */
  get isClosed(): boolean {
    return this.#closed
  }

  isSame(other: Link): boolean {
    if (!(other instanceof DatagramLink) || other.#socket !== this.#socket) return false
    return other.to.port === this.to.port && other.to.address === this.to.address
  }

  createRecovery(): LossRecovery {
    return createLossRecovery({ maxDatagramSize: this.basePacketSize, probeUpTo: this.maxPacketSize })
  }

  send(packet: Uint8Array): boolean {
    if (this.#closed) return true
    if (this.#hops !== undefined) return this.#socket.sendShort(packet, this.to, this.#hops)
    const isWritable = this.#socket.send(packet, this)
    if (!isWritable) this.#socket.tellWhenDrained(this)
    return isWritable
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    setImmediate(() => this.onClose())
  }

  getStatistics(): UdpSocketStatistics {
    return this.#socket.getStatistics()
  }

  drained(): void {
    if (!this.#closed) this.onDrain()
  }

  // spec: STT-REC-43
  unreachable(reason: Error): void {
    const now = performance.now()
    if (this.#closed || now < this.#nextHint) return
    this.#nextHint = now + HINT_INTERVAL
    this.onUnreachable(reason)
  }
}

const ignore = (): void => {}
/** Milliseconds between two hints of one link. */
const HINT_INTERVAL = 1_000
