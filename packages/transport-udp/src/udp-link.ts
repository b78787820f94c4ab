import { describe, SttError } from '@stt/errors'
import { isLoopback, type Link, type LossRecovery } from '@stt/frame'
import { createLossRecovery } from '@stt/recovery'
import type { Sender } from './sender.ts'
import { formatUdpUrl, type UdpRemote } from './udp-address.ts'
import { MAX_UDP_PAYLOAD, type UdpSocket } from './udp-socket.ts'

/** A path over UDP to one address. */
export interface UdpLink extends Link {
  /** Where packets leave from, as an address for people: where they left from when a link was dialed, which roams. */
  readonly local: string
  /** Bytes of the packets that the path is believed to carry from the start: `maxPacketSize`, where probes reach it, is more. */
  readonly basePacketSize: number
}

/** How large the packets of a socket's links may be, in bytes. */
export interface PacketSizes {
  /** The largest packet sent; 1,200 unless given, and about 60 KB to loopback addresses. */
  readonly maxPacketSize?: number
  /** The largest size to look for with probes, where that is more. 1,452, Ethernet's, unless this or `maxPacketSize` is given. */
  readonly probeUpTo?: number
}

/** @throws SttError STT_INVALID_ARGUMENT that names the size */
export function checkPacketSizes({ maxPacketSize, probeUpTo }: PacketSizes): void {
  checkPacketSize('maxPacketSize', maxPacketSize)
  checkPacketSize('probeUpTo', probeUpTo)
}

/** A socket together with one address: so little that a listener makes one for each datagram that arrives. */
export class SocketLink implements UdpLink, Sender {
  readonly lossy = true
  readonly ordered = false
  onPacket: (packet: Uint8Array) => void = ignore
  onDrain: () => void = ignore
  onUnreachable: (reason: Error) => void = ignore
  onClose: (reason?: Error) => void = ignore
  readonly to: UdpRemote
  readonly #socket: UdpSocket
  readonly #sizes: PacketSizes
  readonly #hops: number | undefined
  /** Found out when it is asked for: of most links at a listener it never is, of one that a session has for each packet. */
  #basePacketSize = 0
  #closed = false
  /** When the next hint may be given, on the clock of `performance`. */
  #nextHint = 0

  /** @param hops how many routers packets pass; as many as the system says unless given */
  constructor(socket: UdpSocket, to: UdpRemote, sizes: PacketSizes, hops?: number) {
    this.#socket = socket
    this.to = to
    this.#sizes = sizes
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
    if (this.#basePacketSize === 0) this.#basePacketSize = this.#sizes.maxPacketSize ?? defaultPacketSize(this.to)
    return this.#basePacketSize
  }

  get maxPacketSize(): number {
    const { maxPacketSize, probeUpTo = maxPacketSize ?? ETHERNET_PACKET_SIZE } = this.#sizes
    return Math.max(this.basePacketSize, probeUpTo)
  }

  isSame(other: Link): boolean {
    if (!(other instanceof SocketLink) || other.#socket !== this.#socket) return false
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

  close(): void {
    if (this.#closed) return
    this.#closed = true
    setImmediate(() => this.onClose())
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

  /** Whether `close` was called. */
  get isClosed(): boolean {
    return this.#closed
  }
}

/** Where a packet never leaves the machine its size is free; elsewhere it is the smallest that every path carries. */
const defaultPacketSize = ({ address }: UdpRemote): number =>
  isLoopback(address) ? LOOPBACK_PACKET_SIZE : BASE_PACKET_SIZE

function checkPacketSize(name: string, size: number | undefined): void {
  if (size === undefined || (Number.isInteger(size) && size >= BASE_PACKET_SIZE && size <= MAX_UDP_PAYLOAD)) return
  const range = `whole bytes from ${BASE_PACKET_SIZE} to ${MAX_UDP_PAYLOAD}`
  throw new SttError('STT_INVALID_ARGUMENT', `${name} is ${describe(size)}: give ${range}`)
}

const ignore = (): void => {}
/** Milliseconds from one hint of a link to its next. */
const HINT_INTERVAL = 1_000
const BASE_PACKET_SIZE = 1_200
/** What 1,500 bytes leave behind the headers of IPv6 and UDP. */
const ETHERNET_PACKET_SIZE = 1_452
const LOOPBACK_PACKET_SIZE = 61_440
