import { createCke, provider as defaultProvider } from '@stt/crypto'
import { SttError } from '@stt/errors'
import { CloseCode, type Link, PACKET_OVERHEAD, ProtocolError } from '@stt/frame'
import { AckScheduler } from './ack-scheduler.ts'
import type { CloseRequest } from './closing.ts'
import { ControlFrames } from './control-frames.ts'
import { DatagramQueue } from './datagram-queue.ts'
import { createFrameFate } from './frame-fate.ts'
import { type SessionFrameHandler, wrongRole } from './incoming-frames.ts'
import { DEFAULT_KEY_UPDATE_LIMITS, KeyUpdates } from './key-updates.ts'
import { Lifecycle } from './lifecycle.ts'
import { MAX_PACKET_SIZE, PacketAssembler } from './packet-assembler.ts'
import { PacketOpener } from './packet-opener.ts'
import { PacketReceiver } from './packet-receiver.ts'
import { PacketSealer } from './packet-sealer.ts'
import type { PathController } from './path-controller.ts'
import { createPath, type Path, probeTimeoutOf, Recovery } from './recovery.ts'
import { DEFAULT_DATAGRAM_QUEUE, DEFAULT_KEEP_ALIVE, type SessionConfig } from './session-config.ts'
import type { SessionEvent, SessionOutput } from './session-events.ts'
import type { SessionState } from './session-state.ts'
import { SessionCounters, type SessionStatistics } from './statistics.ts'

/**
 * One session as an engine: packets, time and calls go in; packets, events and the next deadline come out of `poll`.
 * After every other call, call `poll` until it answers `timeout`.
 */
export class Session {
  readonly id: Uint8Array
  readonly role: 'initiator' | 'responder'
  readonly localCid: Uint8Array
  readonly remoteCid: Uint8Array
  readonly peerId: Uint8Array
  /** Milliseconds of silence that end the session: the smaller of both sides'. */
  readonly idleTimeout: number

  readonly #config: SessionConfig
  readonly #exporter: Uint8Array
  readonly #sealer: PacketSealer
  readonly #opener: PacketOpener
  readonly #acks = new AckScheduler()
  readonly #control = new ControlFrames()
  readonly #datagrams: DatagramQueue
  readonly #recovery: Recovery
  readonly #keyUpdates: KeyUpdates
  readonly #assembler: PacketAssembler
  readonly #receiver: PacketReceiver
  readonly #counters = new SessionCounters()
  readonly #events: SessionEvent[] = []
  readonly #lifecycle: Lifecycle
  #path: Path | undefined
  #disposed = false
  /** Time of the call that is being served: frames are handed over without it. */
  #now: number

  constructor(config: SessionConfig) {
    const { options = {}, provider = defaultProvider, source, now } = config
    this.#config = config
    this.id = config.id
    this.role = config.role
    this.localCid = config.localCid
    this.remoteCid = config.remoteCid
    this.peerId = config.peerId
    this.idleTimeout = Math.min(config.localLimits.idleTimeout, config.peerLimits.idleTimeout)
    this.#exporter = config.secrets.exporter
    this.#sealer = new PacketSealer(provider, config.secrets.send, config.remoteCid)
    this.#opener = new PacketOpener(provider, config.secrets.receive)
    this.#datagrams = new DatagramQueue(options.datagramQueue ?? DEFAULT_DATAGRAM_QUEUE, event => this.#emit(event))
    this.#recovery = new Recovery(createFrameFate(source, this.#control, event => this.#emit(event)))
    this.#keyUpdates = new KeyUpdates({ ...DEFAULT_KEY_UPDATE_LIMITS, ...options.keyUpdate }, now)
    this.#assembler = new PacketAssembler({
      sealer: this.#sealer,
      acks: this.#acks,
      control: this.#control,
      datagrams: this.#datagrams,
      source,
      recovery: this.#recovery,
      entropy: config.entropy,
    })
    this.#receiver = new PacketReceiver({
      opener: this.#opener,
      acks: this.#acks,
      source,
      counters: this.#counters,
      handler: this.#frameHandler(),
      onVerified: size => this.#onVerified(size),
    })
    const keepAlive = options.keepAlive ?? DEFAULT_KEEP_ALIVE
    this.#lifecycle = new Lifecycle({
      role: config.role,
      now,
      idleTimeout: this.idleTimeout,
      detachedTimeout: options.detachedTimeout ?? this.idleTimeout,
      keepAlive: keepAlive === false || config.role === 'responder' ? Number.POSITIVE_INFINITY : keepAlive,
      emit: event => this.#emit(event),
    })
    this.#now = now
    if (config.role === 'initiator') this.#control.queueHandshakeDone()
  }

  get state(): SessionState {
    return this.#lifecycle.state
  }

  /** The link that carries the session now. */
  get link(): Link | undefined {
    return this.#path?.link
  }

  /** Gives the session a link to send on. A datagram link comes with its controller. */
  attach(link: Link, controller?: PathController): void {
    this.#path = createPath(link, controller)
    this.#lifecycle.onAttached()
  }

  /** The link is gone. The session lives on until another is attached or its time without one is over. */
  detach(link: Link, now: number): void {
    if (this.#path?.link !== link) return
    this.#path = undefined
    this.#lifecycle.onDetached(now)
  }

  /** Says whether the session's link takes packets: `false` when its `send` said so, `true` when it has drained. */
  setWritable(link: Link, writable: boolean): void {
    if (this.#path?.link === link) this.#path.blocked = !writable
  }

  /** Takes a packet that arrived on `link`. The bytes are needed only during the call. */
  receive(packet: Uint8Array, now: number, link: Link): void {
    this.#now = now
    if (this.state === 'closed') {
      this.#counters.dropped.closed++
      return
    }
    try {
      const closeOnly = this.#lifecycle.closing !== undefined
      const intact = this.#receiver.receive(packet, now, link, this.#linger(), closeOnly)
      if (!intact) this.#emit({ type: 'link-failed', link })
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      this.#lifecycle.onViolation(error, now, this.#linger())
    }
  }

  /** The next thing to do. Call it until it answers `timeout`, and again at that time. */
  poll(now: number): SessionOutput {
    this.#now = now
    this.#onTime(now)
    const event = this.#events.shift()
    if (event) return { type: 'event', event }
    const packet = this.#nextPacket(now)
    if (packet) {
      this.recordSentBytes(packet.length)
      transmitOutput.packet = packet
      transmitOutput.link = this.#path!.link
      return transmitOutput
    }
    // Sending can settle things: what that says comes before the session may sleep.
    if (this.#events.length > 0) return this.poll(now)
    timeoutOutput.at = this.#nextDeadline(now)
    return timeoutOutput
  }

  /** Moves both directions to fresh keys as soon as the rules allow. */
  rotateKeys(): void {
    this.#assertOpen('rotate its keys')
    this.#keyUpdates.request()
  }

  /** @returns the number that the `pong` event will name */
  ping(): number {
    this.#assertOpen('send a ping')
    return this.#control.queuePing()
  }

  /** Largest payload of `sendDatagram` now, in bytes; 0 when the peer takes none or there is no link. */
  get maxDatagramSize(): number {
    const packet = Math.min(
      this.#path?.link.maxPacketSize ?? 0,
      this.#path?.controller?.maxDatagramSize ?? MAX_PACKET_SIZE,
    )
    const room = packet - PACKET_OVERHEAD - DATAGRAM_FRAME_OVERHEAD
    return Math.max(0, Math.min(room, this.#config.peerLimits.maxDatagram))
  }

  /**
   * Queues an unreliable datagram; a full queue drops its oldest.
   *
   * @returns the number that the `datagram-settled` event will name
   * @throws SttError `STT_DATAGRAM_TOO_LARGE` above `maxDatagramSize`
   */
  sendDatagram(data: Uint8Array): number {
    this.#assertOpen('send a datagram')
    const max = this.maxDatagramSize
    if (data.length > max) {
      throw new SttError(
        'STT_DATAGRAM_TOO_LARGE',
        `a datagram here holds at most ${max} bytes, not ${data.length}: split it or use a stream`,
      )
    }
    return this.#datagrams.push(data)
  }

  /** A key of `length` bytes for the application's own use; both sides get the same for the same label. */
  exportKey(label: string, length: number): Uint8Array {
    this.#assertOpen('export a key')
    return createCke(this.#config.provider ?? defaultProvider).derive(
      this.#exporter,
      `app ${label}`,
      new Uint8Array(0),
      length,
    )
  }

  /**
   * Closes: what was written still goes out for up to `drain` milliseconds, then CLOSE. A second call does nothing.
   *
   * @throws SttError `STT_INVALID_ARGUMENT` for a reason above 256 bytes of UTF-8
   */
  close(request: CloseRequest, now: number): void {
    this.#lifecycle.requestClose(request, now)
  }

  /** Whether silence has ended the session by `now`. */
  isExpired(now: number): boolean {
    return this.#lifecycle.isExpired(now)
  }

  recordSentBytes(length: number): void {
    this.#counters.packetsSent++
    this.#counters.bytesSent += length
  }

  recordReceivedBytes(length: number): void {
    this.#counters.packetsReceived++
    this.#counters.bytesReceived += length
  }

  getStatistics(): SessionStatistics {
    const { packetsSent, packetsReceived, bytesSent, bytesReceived, dropped } = this.#counters
    return Object.freeze({
      state: this.state,
      sendEpoch: this.#sealer.epoch,
      receiveEpoch: this.#opener.epoch,
      packetsSent,
      packetsReceived,
      bytesSent,
      bytesReceived,
      framesReceived: this.#receiver.framesRead,
      packetsDropped: Object.freeze({ ...dropped }),
      packetsOutstanding: this.#recovery.outstanding,
      packetsLost: this.#recovery.packetsLost,
      rtt: this.#path?.rtt.smoothed ?? 0,
      datagramsQueued: this.#datagrams.length,
      datagramsExpired: this.#datagrams.expired,
      path: this.#path?.controller?.getStatistics(),
    })
  }

  #onTime(now: number): void {
    this.#opener.expire(now)
    const path = this.#path
    if (path?.controller && now >= path.controller.timeout) this.#recovery.onTimeout(path, now)
    if (this.#keyUpdates.isDue(this.#sealer, this.#opener, probeTimeoutOf(path), now)) {
      this.#startEpoch()
      // The peer learns of the new epoch from a packet: an idle session sends one for it.
      if (!this.#assembler.pending) this.#control.queuePing()
    }
    if (this.#lifecycle.takeKeepAlive(now)) this.#control.queuePing()
    const flushed = this.#recovery.outstanding === 0 && !this.#assembler.pending
    this.#lifecycle.onTime(now, flushed, this.#linger())
    if (this.state === 'closed') this.#dispose()
  }

  #nextPacket(now: number): Uint8Array | undefined {
    const path = this.#path
    if (!path || path.blocked || this.state === 'closed') return undefined
    const { closing } = this.#lifecycle
    if (!closing) return this.#assembler.next(path, now)
    if (!closing.owesClose) return undefined
    const packet = this.#assembler.close(path, closing, now)
    this.#lifecycle.onCloseSent(path.link.kind === 'message')
    return packet
  }

  #nextDeadline(now: number): number {
    const path = this.#path
    const probeTimeout = probeTimeoutOf(path)
    let at = Math.min(this.#lifecycle.deadline, this.#opener.expiresAt)
    if (!path || this.#lifecycle.closing) return at
    at = Math.min(
      at,
      path.controller?.timeout ?? at,
      this.#keyUpdates.dueAt(this.#sealer, this.#opener, probeTimeout, now),
    )
    return path.blocked ? at : Math.min(at, this.#assembler.nextAt(path, now))
  }

  /** Milliseconds for which an ended session absorbs late packets. */
  #linger(): number {
    return 3 * probeTimeoutOf(this.#path)
  }

  #dispose(): void {
    if (this.#disposed) return
    this.#disposed = true
    this.#datagrams.clear()
    this.#sealer.dispose()
    this.#opener.dispose()
    this.#exporter.fill(0)
    this.#emit({ type: 'closed' })
  }

  #emit(event: SessionEvent): void {
    this.#events.push(event)
  }

  #assertOpen(what: string): void {
    if (this.state === 'handshaking' || this.state === 'active') return
    throw new SttError('STT_CLOSED', `this session is ${this.state} and cannot ${what}: open another`)
  }

  #onVerified(size: number): boolean {
    this.recordReceivedBytes(size)
    this.#lifecycle.onVerified(this.#now)
    return this.#followEpoch()
  }

  /** The peer has moved to new keys: so does this side, from its next packet. */
  // spec: STT-PKT-8
  #followEpoch(): boolean {
    if (this.#opener.epoch <= this.#sealer.epoch) return false
    this.#startEpoch()
    return true
  }

  #startEpoch(): void {
    this.#sealer.advanceEpoch()
    this.#keyUpdates.onEpochStarted(this.#now)
    this.#emit({ type: 'epoch', epoch: this.#sealer.epoch })
  }

  #frameHandler(): SessionFrameHandler {
    const refuseFromResponder = (frame: string): void => {
      if (this.role === 'initiator') throw wrongRole(frame)
    }
    return {
      onAck: (ranges, delay) => this.#onAck(ranges, delay),
      onPathChallenge: data => this.#control.queuePathResponse(data),
      // No challenge is sent before a path changes: an answer to none means nothing.
      onPathResponse: () => {},
      onClose: (app, code, reason) => this.#lifecycle.onPeerClose(app, code, reason, this.#now, this.#linger()),
      onHandshakeDone: () => refuseFromResponder('HANDSHAKE_DONE'),
      onDatagram: data => this.#onDatagram(data),
    }
  }

  #onAck(ranges: readonly number[], delay: number): void {
    if (!this.#path) return
    const { nextPacketNumber, epoch } = this.#sealer
    const outcome = this.#recovery.onAck(
      ranges,
      delay,
      this.#opener.openedEpoch,
      nextPacketNumber,
      this.#path,
      this.#now,
    )
    if (outcome.epoch === epoch) this.#keyUpdates.onAcknowledged(this.#now)
    if (outcome.largestAcknowledged >= 0) this.#acks.onAckAcknowledged(outcome.largestAcknowledged)
  }

  #onDatagram(data: Uint8Array): void {
    if (data.length > this.#config.localLimits.maxDatagram) {
      throw new ProtocolError(CloseCode.ProtocolViolation, 'the peer sent a datagram above the limit it was given')
    }
    this.#emit({ type: 'datagram', data: data.slice() })
  }
}

const transmitOutput: { type: 'transmit'; packet: Uint8Array; link: Link } = {
  type: 'transmit',
  packet: new Uint8Array(0),
  link: undefined as unknown as Link,
}
const timeoutOutput = { type: 'timeout' as const, at: 0 }

const DATAGRAM_FRAME_OVERHEAD = 5
