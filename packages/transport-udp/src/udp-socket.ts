import type { Socket } from 'node:dgram'
import { bytesOf, detach } from '@stt/errors'
import { MAX_UDP_PAYLOAD } from './packet-sizes.ts'
import { SendPool, type SendSlot } from './send-pool.ts'
import type { Sender } from './sender.ts'
import type { UdpRemote } from './udp-address.ts'
import type { UdpSocketOptions } from './udp-options.ts'
import type { UdpBuffer, UdpSocketStatistics } from './udp-statistics.ts'

/**
 * Sends and receives datagrams: without a closure or promise for each, with every error counted as a loss, and with
 * backpressure when the system does not keep up. It knows nothing of links. It is never connected, because a connected socket
 * keeps the source address of the network in which it was connected.
 */
export class UdpSocket {
  onDatagram: (packet: Uint8Array, remote: UdpRemote) => void = () => {}
  readonly #socket: Socket
  readonly #local: UdpRemote
  readonly #pool = new SendPool(1_500, (error, sender) => this.#onSettled(error, sender))
  readonly #receiveBuffer: UdpBuffer
  readonly #sendBuffer: UdpBuffer
  readonly #sendErrors: Record<string, number> = {}
  readonly #waiting: SendSlot[] = []
  /** Senders that wait for `drained`. */
  readonly #blockedSenders = new Set<Sender>()
  #waitingBytes = 0
  #outstanding = 0
  #outstandingBytes = 0
  #blocked = false
  #closed: Promise<void> | undefined
  #allSettled: (() => void) | undefined
  #packetsSent = 0
  #bytesSent = 0
  #packetsReceived = 0
  #bytesReceived = 0
  #droppedOverflow = 0
  #droppedTooLarge = 0
  #droppedBadSource = 0
  #droppedForeign = 0

  /**
   * @param socket bound
   * @param peer the only source whose datagrams are taken, written as the system writes it; any source if undefined
   */
  constructor(socket: Socket, options: UdpSocketOptions = {}, peer?: UdpRemote) {
    this.#socket = socket
    this.#local = socket.address()
    const { receiveBufferSize = BUFFER_SIZE, sendBufferSize = BUFFER_SIZE } = options
    this.#receiveBuffer = askForBuffer(receiveBufferSize, n => socket.setRecvBufferSize(n), () => socket.getRecvBufferSize()) // biome-ignore format: one line
    this.#sendBuffer = askForBuffer(sendBufferSize, n => socket.setSendBufferSize(n), () => socket.getSendBufferSize()) // biome-ignore format: one line
    socket.on('message', (bytes, remote) => {
      // A forged source. No answer can go there: the system would throw at the attempt.
      if (remote.port === 0) {
        this.#droppedBadSource++
        return
      }
      // spec: STT-REC-42
      if (peer && (remote.port !== peer.port || remote.address !== peer.address)) {
        this.#droppedForeign++
        return
      }
      this.#packetsReceived++
      this.#bytesReceived += bytes.length
      // A plain view: a Buffer's `slice` would alias where a Uint8Array's copies.
      this.onDatagram(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length), remote)
      // Another listener on the socket may have kept the bytes.
      if (socket.listenerCount('message') === 1) detach(bytes)
    })
    // spec: STT-REC-40
    socket.on('error', error => void this.#countError(error))
  }

  get local(): UdpRemote {
    return this.#local
  }

  get closed(): boolean {
    return this.#closed !== undefined
  }

  /**
   * Copies `packet` and hands it to the system for the address of `sender`.
   *
   * @returns false when the caller should wait until what was sent has left; see `tellWhenDrained`
   */
  send(given: Uint8Array, sender: Sender): boolean {
    if (this.#closed) return true
    const packet = bytesOf(given, 'a packet')
    const { length } = packet
    if (length > MAX_UDP_PAYLOAD) {
      this.#droppedTooLarge++
      return !this.#blocked
    }
    if (this.#outstanding >= OVERFLOW_PACKETS) {
      this.#droppedOverflow++
      return false
    }
    const slot = this.#pool.take(length)
    slot.buffer.set(packet)
    this.#outstanding++
    this.#outstandingBytes += length
    this.#packetsSent++
    this.#bytesSent += length
    slot.length = length
    slot.sender = sender
    this.#enqueue(slot)
    if (this.#outstanding >= MAX_OUTSTANDING_PACKETS || this.#outstandingBytes >= MAX_OUTSTANDING_BYTES) {
      this.#blocked = true
    }
    return !this.#blocked
  }

  /** Sends one datagram at once that passes at most `hops` routers. Its loss is not reported. @returns true */
  sendShort(given: Uint8Array, { address, port }: UdpRemote, hops: number): true {
    if (this.#closed) return true
    const packet = bytesOf(given, 'a packet').slice()
    // Waiting datagrams leave first, with the usual number of hops.
    this.#flush()
    try {
      this.#socket.setTTL(hops)
      this.#socket.send(packet, port, address, () => {})
      this.#packetsSent++
      this.#bytesSent += packet.length
    } catch (error) {
      this.#countError(error as Error)
    } finally {
      this.#socket.setTTL(USUAL_HOPS)
    }
    return true
  }

  /** Calls `drained` of a sender once, as soon as `send` answers true again; never inside `send`. */
  tellWhenDrained(sender: Sender): void {
    this.#blockedSenders.add(sender)
  }

  /**
   * Holds small datagrams back until the end of the task, or until enough of them wait: waking a receiver once for many
   * datagrams costs both ends less than waking it for each.
   */
  #enqueue(slot: SendSlot): void {
    if (this.#waiting.length === 0) queueMicrotask(this.#flush)
    this.#waiting.push(slot)
    this.#waitingBytes += slot.length
    if (this.#waitingBytes >= BURST) this.#flush()
  }

  readonly #flush = (): void => {
    for (const slot of this.#waiting) this.#hand(slot)
    this.#waiting.length = 0
    this.#waitingBytes = 0
  }

  // spec: STT-REC-40
  #hand({ buffer, length, sender, settled }: SendSlot): void {
    const { port, address } = sender!.to
    try {
      this.#socket.send(buffer, 0, length, port, address, settled)
    } catch (error) {
      // An error that the system throws is a loss like one that it reports later. It is reported later too, as this may be inside `send`.
      queueMicrotask(() => settled(error as Error))
    }
  }

  /** Closes the socket when the system has everything that was sent. Resolves when no handle is left. */
  close(): Promise<void> {
    this.#closed ??= new Promise<void>(resolve => {
      const end = (): void => void this.#socket.close(() => resolve())
      if (this.#outstanding === 0) end()
      else this.#allSettled = end
    })
    return this.#closed
  }

  getStatistics(): UdpSocketStatistics {
    return {
      packetsSent: this.#packetsSent,
      bytesSent: this.#bytesSent,
      packetsReceived: this.#packetsReceived,
      bytesReceived: this.#bytesReceived,
      sendErrors: { ...this.#sendErrors },
      droppedOverflow: this.#droppedOverflow,
      droppedTooLarge: this.#droppedTooLarge,
      droppedBadSource: this.#droppedBadSource,
      droppedForeign: this.#droppedForeign,
      outstanding: this.#outstanding,
      receiveBuffer: this.#receiveBuffer,
      sendBuffer: this.#sendBuffer,
    }
  }

  #onSettled(error: Error | null, sender: Sender): void {
    if (--this.#outstanding === 0) this.#onAllSettled()
    if (!error) return
    // spec: STT-REC-43
    if (NO_ROUTE.has(this.#countError(error))) sender.unreachable(error)
  }

  #onAllSettled(): void {
    this.#outstandingBytes = 0
    this.#allSettled?.()
    if (this.#blocked && !this.#closed) setImmediate(this.#drain)
  }

  // Runs after the sockets were read: a sender that never stops must not delay the packets that it waits for.
  readonly #drain = (): void => {
    if (!this.#blocked || this.#closed) return
    this.#blocked = false
    const senders = [...this.#blockedSenders]
    this.#blockedSenders.clear()
    for (const sender of senders) sender.drained()
  }

  /** @returns the error's code */
  #countError(error: Error): string {
    const code = (error as NodeJS.ErrnoException).code ?? error.name
    this.#sendErrors[code] = (this.#sendErrors[code] ?? 0) + 1
    return code
  }
}

function askForBuffer(requested: number, set: (bytes: number) => void, get: () => number): UdpBuffer {
  try {
    set(requested)
  } catch {
    // The system refuses: the size stays as it is, and the statistics show it.
  }
  try {
    return { requested, granted: get() }
  } catch {
    // The system does not tell the size: 0 means unknown. The socket works all the same.
    return { requested, granted: 0 }
  }
}

const USUAL_HOPS = 64
/** The system's error codes when it has no route for a datagram. */
const NO_ROUTE: ReadonlySet<string> = new Set(['ENETUNREACH', 'EHOSTUNREACH', 'EADDRNOTAVAIL', 'ENETDOWN'])
const BUFFER_SIZE = 4_194_304
/** Bytes of datagrams that wait for one another before they are sent. */
const BURST = 24_576
const MAX_OUTSTANDING_PACKETS = 128
const MAX_OUTSTANDING_BYTES = 1_048_576
/** From this number on, the datagrams of a caller that ignores backpressure are dropped, so that memory stays bounded. */
const OVERFLOW_PACKETS = 4 * MAX_OUTSTANDING_PACKETS
