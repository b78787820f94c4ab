import { bytesOf, checkInteger, SttError } from '@stt/errors'
import { type Link, ProtocolError, packetNumberOf } from '@stt/frame'
import { checkConfig } from './check-config.ts'
import type { CloseRequest } from './life/close-state.ts'
import type { Lifecycle } from './life/lifecycle.ts'
import type { SessionState } from './life/session-state.ts'
import type { PacketObserver } from './packet-observer.ts'
import { datagramRoom, probeTimeoutOf } from './path/path.ts'
import { type PathInfo, pathInfo } from './path/path-info.ts'
import type { Paths } from './path/paths.ts'
import type { Punching } from './punch/punching-part.ts'
import type { PacketReceiver } from './receive/packet-receiver.ts'
import type { PacketAssembler } from './send/packet-assembler.ts'
import type { SessionConfig } from './session-config.ts'
import type { SessionOutput } from './session-events.ts'
import type { SessionStatistics } from './statistics.ts'
import { type SessionParts, wire } from './wiring.ts'

/**
 * One session as an engine: packets, time and calls go in; packets, events and the next deadline come out of `poll`.
 * After any other call, call `poll` until it answers `timeout`. Times are milliseconds of one clock that never goes back.
 *
 * The methods called for each packet (`receive`, `poll`, `setWritable`) trust their arguments; all others check them.
 */
export class SessionEngine {
  /** 16 bytes, a label for people and logs. */
  readonly id: Uint8Array<ArrayBuffer>
  /** Which side of the handshake this is. */
  readonly role: 'initiator' | 'responder'
  /** Connection id, 8 bytes, in packets to this side. */
  readonly localCid: Uint8Array<ArrayBuffer>
  /** Connection id, 8 bytes, in packets to the peer. */
  readonly remoteCid: Uint8Array<ArrayBuffer>
  /** Node id of the peer, 32 bytes. */
  readonly peerId: Uint8Array<ArrayBuffer>
  /** Milliseconds of silence after which the session ends: the smaller value of the two sides. */
  readonly idleTimeout: number
  readonly #observer: PacketObserver | undefined
  readonly #onClosed: (() => void) | undefined
  /** Bytes of the largest datagram that the peer takes. */
  readonly #maxDatagram: number
  readonly #parts: SessionParts
  readonly #lifecycle: Lifecycle
  readonly #paths: Paths
  readonly #receiver: PacketReceiver
  readonly #assembler: PacketAssembler
  #disposed = false
  /** Milliseconds: the latest time that the session was told. */
  #now: number
  /** Whether the last `poll` answered something other than `timeout`: then timers were looked at a moment ago. */
  #isGoingOn = false
  /** When that was. */
  #passedAt = Number.NEGATIVE_INFINITY

  /** @throws SttError `STT_INVALID_ARGUMENT` that names the field; the caller then still owns the secrets */
  constructor(config: SessionConfig) {
    checkConfig(config)
    this.id = Uint8Array.from(config.id)
    this.role = config.role
    this.localCid = Uint8Array.from(config.localCid)
    this.remoteCid = Uint8Array.from(config.remoteCid)
    this.peerId = Uint8Array.from(config.peerId)
    this.idleTimeout = Math.min(config.localLimits.idleTimeout, config.peerLimits.idleTimeout)
    this.#observer = config.observer
    this.#onClosed = config.onClosed
    this.#maxDatagram = config.peerLimits.maxDatagram
    this.#now = config.now
    const parts = wire(config, this.idleTimeout)
    this.#parts = parts
    this.#lifecycle = parts.lifecycle
    this.#paths = parts.paths
    this.#receiver = parts.receiver
    this.#assembler = parts.assembler
  }

  /** How far the session has come. */
  get state(): SessionState {
    return this.#lifecycle.state
  }

  /** The link that packets go over now; undefined while there is none. */
  get link(): Link | undefined {
    return this.#paths.active?.link
  }

  /**
   * Gives the session a link to send on, instead of the one it has. Packets that were not acknowledged on the previous
   * link are sent again on this one.
   *
   * @param tier one of `Tier`; by default `Datagram` for a lossy link and `Message` for any other
   */
  attach(link: Link, tier?: number): void {
    this.#paths.attach(link, tier, this.#now)
  }

  /**
   * Adds a link that this side opened, and asks over it whether the peer is there: `path-validated` reports an answer,
   * `path-closed` that none came. The session moves to the link by itself when it is better than the active one. Initiators
   * only: a responder follows its peer.
   *
   * @param tier one of `Tier`; by default `Datagram` for a lossy link and `Message` for any other
   * @throws SttError `STT_INVALID_STATE` at a responder, or without `entropy`; `STT_CLOSED`
   */
  // spec: STT-PKT-49
  addPath(link: Link, tier: number | undefined, now: number): void {
    const { chooser } = this.#parts
    if (!chooser) throw new SttError('STT_INVALID_STATE', ONLY_INITIATORS)
    this.#lifecycle.assertNotOver('take in a link')
    chooser.add(link, tier, now)
  }

  /**
   * Moves the session to a validated link, even where another one is better. Packets under way on the previous link are
   * still waited for, and the session keeps that link.
   *
   * @throws SttError `STT_INVALID_STATE` for a link that is not validated; `STT_CLOSED`
   */
  moveTo(link: Link, now: number): void {
    this.#lifecycle.assertNotOver('move')
    this.#paths.moveTo(this.#paths.get(link), 'asked', now)
  }

  /** Hole punching with the peer's help; undefined unless both sides agreed on it. */
  get punching(): Punching | undefined {
    return this.#parts.punching
  }

  /** Every link of the session, the active one first. */
  get links(): readonly Link[] {
    return this.#paths.all.map(({ link }) => link)
  }

  /** A snapshot of the path over each link, in the order of `links`. */
  getPaths(): readonly PathInfo[] {
    const { active } = this.#paths
    const { policy } = this.#parts
    return this.#paths.all.map(path => pathInfo(path, path === active, policy.needsPath))
  }

  /** Whether the active path is in doubt, or there is none: another link would help. Always false at a responder. */
  get needsPath(): boolean {
    return this.#parts.policy.needsPath || (this.role === 'initiator' && this.#lifecycle.isDormant(this.#now))
  }

  /** Whether the peer has been silent for `idleTimeout`, and the session waits for its return (`dormantTimeout`). */
  get isDormant(): boolean {
    return this.#lifecycle.isDormant(this.#now)
  }

  /** Reports that the system cannot send over this link now. The session checks the path, and does not give it up for that. */
  onUnreachable(link: Link, now: number): void {
    this.#parts.chooser?.onUnreachable(link, now)
  }

  /** Reports that the addresses of this machine changed, or that it slept: the session checks its paths at once. */
  onNetworkChange(now: number): void {
    this.#parts.chooser?.onNetworkChange(now)
  }

  /**
   * Reports that a link is gone. The session moves to another validated link. Without one it lives on until a link is
   * attached, the peer arrives over one, or `detachedTimeout` is over.
   *
   * @param cause why the link ended, if known: the `cause` of the error if the session ends for lack of a link
   */
  detach(link: Link, cause: Error | undefined, now: number): void {
    if (this.#disposed || !this.#paths.lose(link, now)) return
    this.#lifecycle.onDetached(cause, now)
    this.#parts.chooser?.onStranded()
  }

  /**
   * Reports that the program stood still until `now`. Call it when a timer fired much too late: packets that arrive next
   * have waited, and the pause would count as a round trip.
   */
  onStall(now: number): void {
    this.#lifecycle.onStall(now)
    this.#parts.policy.onStall(now)
    this.#paths.active?.recovery?.onStall(now)
  }

  /** Reports whether a link takes packets: `false` when its `send` returned that, `true` when it has drained. */
  setWritable(link: Link, writable: boolean): void {
    const path = this.#paths.find(link)
    if (path) path.blocked = !writable
  }

  /**
   * Takes a packet that arrived on `link`, which the session need not know. The bytes are used only during the call.
   *
   * @returns whether the peer sent the packet; if not, an unknown link that carried it is not the session's concern
   */
  receive(packet: Uint8Array, link: Link, now: number): boolean {
    this.#now = now
    this.#isGoingOn = false
    if (this.#lifecycle.isDone) return this.#receiver.ignore(packet, now)
    if (this.#lifecycle.isDeaf) {
      const isAuthentic = this.#receiver.isAuthentic(packet, now)
      if (isAuthentic) this.#lifecycle.onVerified(now)
      return isAuthentic
    }
    try {
      if (!this.#receiver.receive(packet, link, now)) return false
      const isOfUse = this.#parts.policy.onPacket(this.#receiver.arrival, now)
      if (!isOfUse && link.lossy) this.#parts.punching?.onStranger(link, now)
      // A new message link belongs to the session only if it joins it, even if its packets verify.
      return isOfUse || link.lossy
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      this.#lifecycle.onViolation(error, now)
    }
    return true
  }

  /** Returns the next thing to do. Call it until it answers `timeout`, and again at that time. */
  poll(now: number): SessionOutput {
    const { events, incomingDatagrams, counters } = this.#parts
    const observer = this.#observer
    this.onTime(now)
    const event = events.shift()
    if (event) {
      this.#isGoingOn = true
      incomingDatagrams.onTaken(event)
      return { type: 'event', event }
    }
    if (this.#transmit(now)) {
      this.#isGoingOn = true
      const { packet } = transmitOutput
      counters.onSent(packet.length)
      if (observer?.onPacketSent) observer.onPacketSent(packetNumberOf(packet) ?? 0, packet.length, now)
      return transmitOutput
    }
    this.#lifecycle.onNothingToSend(now)
    // Sending can settle frames: the events of that come before the session may sleep.
    if (events.length > 0) return this.poll(now)
    timeoutOutput.at = this.#nextDeadline(now)
    const mayBeDue = this.#isGoingOn && timeoutOutput.at <= now
    this.#isGoingOn = false
    if (mayBeDue) return this.poll(now)
    this.#lifecycle.sleep(timeoutOutput.at)
    return timeoutOutput
  }

  /** Does what is due by `now`, as `poll` does before anything else: an expired session wipes its keys here. */
  onTime(now: number): void {
    const { opener, deliveries, sealer } = this.#parts
    this.#now = now
    opener.onTime(now)
    // Timers that become due between two outputs of one run can wait for the end of the run.
    const isJustDone = this.#isGoingOn && now - this.#passedAt < LONGEST_RUN
    if (!isJustDone && this.#lifecycle.isOpen) this.#onTimeWhileOpen(now)
    if (sealer.remaining <= RESERVED_FOR_CLOSE && this.#lifecycle.isOpen) this.#lifecycle.onExhausted(now)
    this.#lifecycle.onTime(this.#lifecycle.isFlushing && deliveries.outstanding === 0 && !this.#assembler.pending, now)
    if (this.#lifecycle.state === 'closed') this.#dispose()
  }

  /**
   * Ends the session because of an error. A `ProtocolError` means that the peer broke a rule that shows only when its
   * bytes are used, as in a message: CLOSE then carries the error's code. Any other error is a defect of this side: CLOSE
   * carries InternalError, and the `ended` event says `by: 'fault'`.
   */
  fail(error: unknown, now: number): void {
    if (error instanceof ProtocolError) this.#lifecycle.onViolation(error, now)
    else this.#lifecycle.onFault(error, now)
  }

  /**
   * Moves both directions to fresh keys as soon as the rules allow.
   *
   * @throws SttError `STT_CLOSED`
   */
  rotateKeys(): void {
    this.#lifecycle.assertOpen('rotate its keys')
    this.#isGoingOn = false
    this.#parts.keyUpdates.request()
  }

  /**
   * Sends a PING; the `pong` event reports its acknowledgement and the round trip.
   *
   * @returns the number that the `pong` event will name
   * @throws SttError `STT_CLOSED`
   */
  ping(): number {
    this.#lifecycle.assertOpen('send a ping')
    return this.#parts.control.queuePing()
  }

  /** Bytes of the largest datagram that `sendDatagram` takes now; 0 when the peer takes none or there is no link. */
  get maxDatagramSize(): number {
    const { active } = this.#paths
    const room = active ? datagramRoom(active) : 0
    return Math.max(0, Math.min(room, this.#maxDatagram))
  }

  /**
   * Queues an unreliable datagram; a full queue drops its oldest.
   *
   * @returns the number that the `datagram-settled` event will name
   * @throws SttError `STT_DATAGRAM_TOO_LARGE` above `maxDatagramSize`; `STT_INVALID_ARGUMENT`; `STT_CLOSED`
   */
  sendDatagram(datagram: Uint8Array): number {
    const data = bytesOf(datagram, 'a datagram')
    this.#lifecycle.assertOpen('send a datagram')
    return this.#parts.datagrams.push(data, this.maxDatagramSize)
  }

  /**
   * Derives a key for the application; both sides get the same one for the same label.
   *
   * @param label at most 246 bytes of UTF-8
   * @param length bytes of the key, at most 16,320
   * @throws SttError `STT_INVALID_ARGUMENT`; `STT_CLOSED`
   */
  exportKey(label: string, length: number): Uint8Array<ArrayBuffer> {
    this.#lifecycle.assertOpen('export a key')
    return this.#parts.exporter.export(label, length)
  }

  /**
   * Closes the session: data that was written is still sent for up to `deadline` milliseconds, then CLOSE. A second call does
   * nothing.
   *
   * @throws SttError `STT_INVALID_ARGUMENT`, before anything is done, for a code that is not a whole number from 0 to
   *   2^53 - 1, or for a reason above 256 bytes of UTF-8
   */
  close(request: CloseRequest, now: number): void {
    this.#lifecycle.requestClose(request, now)
  }

  /**
   * Bytes of memory that the session holds now beyond its fixed 16 KB: datagrams that wait to be sent or polled, and the
   * records of packets under way. Streams are not included.
   */
  get bytesHeld(): number {
    const { incomingDatagrams, datagrams, deliveries } = this.#parts
    return incomingDatagrams.bytes + datagrams.bytes + deliveries.remembered * BYTES_OF_A_SENT_PACKET
  }

  /**
   * Ends the session at once, without CLOSE: its keys are wiped when the call returns. For a session that will not be
   * polled again; `close` is the polite way.
   */
  discard(): void {
    this.#lifecycle.discard()
    this.#dispose()
  }

  /** When the last verified packet arrived, in milliseconds; before the first, when the session began. */
  get lastReceivedAt(): number {
    return this.#lifecycle.lastReceivedAt
  }

  /**
   * Ends the session now as if it had been silent for `idleTimeout`: as truncated, and without CLOSE. For a silent session
   * whose place another one needs.
   */
  endAsSilent(now: number): void {
    if (this.state !== 'closed') this.#lifecycle.onSilence(now)
    this.#dispose()
  }

  /** Whether the session is closed, or ends by silence at `now`. */
  isExpired(now: number): boolean {
    return this.#lifecycle.isExpired(now)
  }

  /**
   * Counts a packet that was sent; `poll` counts the packets that it returns.
   *
   * @throws SttError `STT_INVALID_ARGUMENT`
   */
  recordSentBytes(length: number): void {
    checkInteger(length, 'the length of a packet', 0, Number.MAX_SAFE_INTEGER)
    this.#parts.counters.onSent(length)
  }

  /**
   * Counts a packet that arrived; `receive` counts the packets that verify.
   *
   * @throws SttError `STT_INVALID_ARGUMENT`
   */
  recordReceivedBytes(length: number): void {
    checkInteger(length, 'the length of a packet', 0, Number.MAX_SAFE_INTEGER)
    this.#parts.counters.onReceived(length)
  }

  /** A snapshot. */
  getStatistics(): SessionStatistics {
    const { sealer, opener, deliveries, datagrams, incomingDatagrams, counters } = this.#parts
    const { active } = this.#paths
    const ofPath = active?.recovery?.getStatistics()
    return Object.freeze({
      ...counters.snapshot(),
      state: this.state,
      sendEpoch: sealer.epoch,
      receiveEpoch: opener.epoch,
      framesSent: this.#assembler.framesSent,
      framesReceived: this.#receiver.framesRead,
      framesResent: deliveries.framesResent,
      packetsOutstanding: deliveries.outstanding,
      packetsLost: deliveries.packetsLost,
      rtt: active?.rtt.smoothed ?? 0,
      datagramsQueued: datagrams.length,
      datagramsExpired: datagrams.expired,
      datagramsDropped: incomingDatagrams.dropped,
      path: ofPath && Object.freeze({ ...ofPath }),
    })
  }

  #onTimeWhileOpen(now: number): void {
    this.#passedAt = now
    const { deliveries, keyUpdates, control, linkWatch, policy } = this.#parts
    if (this.#lifecycle.isDormant(now) && this.role === 'responder') return
    policy.onTime(now)
    this.#paths.onTime(now)
    const path = this.#paths.active
    if (path?.recovery && now >= path.recovery.deadline) deliveries.onTime(path, now)
    if (path) linkWatch.onTime(path.link, now)
    // A new epoch shows in the packets that follow: an idle session sends one for it.
    // spec: STT-PKT-10
    const keysWantPing = !this.#paths.isDraining && keyUpdates.onTime(probeTimeoutOf(path), now)
    if (keysWantPing || this.#lifecycle.takeKeepAlive(now)) control.queueOwnPing()
  }

  /** Puts the next packet into `transmitOutput`. @returns whether there is one */
  #transmit(now: number): boolean {
    const path = this.#paths.active
    if (this.#lifecycle.state === 'closed') return false
    if (this.#lifecycle.closing) return this.#transmitClose(now)
    if (this.role === 'responder' && this.#lifecycle.isDormant(now)) return false
    const { probes, policy, punching } = this.#parts
    const probe = probes.nextAnswer() ?? policy.next(now) ?? punching?.next(now)
    if (probe && !this.#paths.find(probe.link)?.blocked) return transmits(probe.link, this.#assembler.path(probe))
    if (!path) return false
    const packet = path.blocked ? undefined : this.#assembler.next(path, now, this.#lifecycle.isFlushing)
    return packet !== undefined && transmits(path.link, packet)
  }

  #transmitClose(now: number): boolean {
    if (this.#parts.sealer.remaining === 0) return false
    const { closing } = this.#lifecycle
    const path = this.#lifecycle.takeClosePath(now)
    return path !== undefined && transmits(path.link, this.#assembler.close(path, closing!, now))
  }

  #nextDeadline(now: number): number {
    const { opener, keyUpdates, linkWatch, policy, punching } = this.#parts
    const path = this.#paths.active
    const at = Math.min(this.#lifecycle.deadline, opener.deadline)
    if (!this.#lifecycle.isOpen || (this.role === 'responder' && this.#lifecycle.isDormant(now))) return at
    let ofPaths = Math.min(policy.deadline(now), this.#paths.deadline)
    if (punching) ofPaths = Math.min(ofPaths, punching.deadline)
    if (!path) return Math.min(at, ofPaths)
    const keys = this.#paths.isDraining ? Number.POSITIVE_INFINITY : keyUpdates.deadline(probeTimeoutOf(path), now)
    const ofPath = path.recovery?.deadline ?? linkWatch.deadline(path.link)
    const toSend = path.blocked ? Number.POSITIVE_INFINITY : this.#assembler.deadline(path, now)
    return Math.min(at, keys, ofPath, ofPaths, toSend)
  }

  #dispose(): void {
    if (this.#disposed) return
    this.#disposed = true
    const { deliveries, datagrams, sealer, opener, exporter, events } = this.#parts
    deliveries.abandon()
    datagrams.clear()
    sealer.dispose()
    opener.dispose()
    exporter.dispose()
    this.#receiver.dispose()
    events.push({ type: 'closed' })
    this.#onClosed?.()
  }
}

/** Milliseconds after which timers are looked at in the middle of a run of outputs too. */
const LONGEST_RUN = 1
const ONLY_INITIATORS = 'a responder opens no links: it follows its peer to where that proves to be'

function transmits(link: Link, packet: Uint8Array): true {
  transmitOutput.packet = packet
  transmitOutput.to = link
  return true
}

const transmitOutput: { type: 'transmit'; packet: Uint8Array; to: Link } = {
  type: 'transmit',
  packet: new Uint8Array(0),
  to: undefined as unknown as Link,
}
const timeoutOutput = { type: 'timeout' as const, at: 0 }

/** About the bytes that the record of a packet with a frame or two takes. */
const BYTES_OF_A_SENT_PACKET = 256

/** Packet numbers that are kept for CLOSE. */
const RESERVED_FOR_CLOSE = 1_024
