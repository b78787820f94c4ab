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
 * After every other call, call `poll` until it answers `timeout`.
 *
 * The methods called for each packet (`receive`, `poll`, `setWritable`) trust their arguments; all others check them.
 */
export class SessionEngine {
  readonly id: Uint8Array<ArrayBuffer>
  readonly role: 'initiator' | 'responder'
  readonly localCid: Uint8Array<ArrayBuffer>
  readonly remoteCid: Uint8Array<ArrayBuffer>
  readonly peerId: Uint8Array<ArrayBuffer>
  /** Milliseconds of silence that end the session: the smaller of both sides'. */
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
  /** Whether the last `poll` answered something other than `timeout`: time has then been let pass a moment ago. */
  #isGoingOn = false
  /** When that was. */
  #passedAt = Number.NEGATIVE_INFINITY

  /** @throws SttError `STT_INVALID_ARGUMENT` that names the field; the secrets are then still the caller's */
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

  get state(): SessionState {
    return this.#lifecycle.state
  }

  /** The link that carries the session now. */
  get link(): Link | undefined {
    return this.#paths.active?.link
  }

  /**
   * Gives the session a link to send on, instead of the one it has. What was not acknowledged on the link before is sent
   * again on this one.
   *
   * @param tier one of `Tier`, of the link that the handshake ran over; what such a link usually is unless given
   */
  attach(link: Link, tier?: number): void {
    this.#paths.attach(link, tier, this.#now)
  }

  /**
   * Takes in another link that this side opened, and asks over it whether the peer is there: `path-validated` says so,
   * `path-closed` that nothing came back. The session goes there by itself when that is better than what it has. Initiators
   * only: a responder follows its peer.
   *
   * @param tier one of `Tier`; what such a link usually is unless given
   * @throws SttError `STT_INVALID_STATE` at a responder, and for a session that was made without entropy
   */
  // spec: STT-PKT-49
  addPath(link: Link, tier: number | undefined, now: number): void {
    const { chooser } = this.#parts
    if (!chooser) throw new SttError('STT_INVALID_STATE', ONLY_INITIATORS)
    this.#lifecycle.assertNotOver('take in a link')
    chooser.add(link, tier, now)
  }

  /**
   * Goes on over a link that was proved, whatever speaks for another. What was sent over the link before is waited for; that
   * link stays one of the session's.
   *
   * @throws SttError `STT_INVALID_STATE` for a link that is not proved
   */
  moveTo(link: Link, now: number): void {
    this.#lifecycle.assertNotOver('move')
    this.#paths.moveTo(this.#paths.get(link), 'asked', now)
  }

  /** What finds direct ways with the peer's help; undefined where the two have not agreed on that. */
  get punching(): Punching | undefined {
    return this.#parts.punching
  }

  /** Every link that the session uses, the one that packets go over first. */
  get links(): readonly Link[] {
    return this.#paths.all.map(({ link }) => link)
  }

  /** What is known of each of them, in the same order. */
  getPaths(): readonly PathInfo[] {
    const { active } = this.#paths
    const { policy } = this.#parts
    return this.#paths.all.map(path => pathInfo(path, path === active, policy.needsPath))
  }

  /** Whether the path in use is in doubt, or there is none, so that another link would be welcome. Initiators only. */
  get needsPath(): boolean {
    return this.#parts.policy.needsPath || (this.role === 'initiator' && this.#lifecycle.isDormant(this.#now))
  }

  /** Whether the peer is silent, and the session kept for its return. */
  get isDormant(): boolean {
    return this.#lifecycle.isDormant(this.#now)
  }

  /** The system says that nothing can leave over this link now: that is looked into, and no more. */
  onUnreachable(link: Link, now: number): void {
    this.#parts.chooser?.onUnreachable(link, now)
  }

  /** The addresses of this machine have changed, or it has slept. Whether the paths still work is found out at once. */
  onNetworkChange(now: number): void {
    this.#parts.chooser?.onNetworkChange(now)
  }

  /**
   * The link is gone. The session moves to another that was proved, or lives on until another is attached, its peer turns up
   * on one, or its time without one is over.
   *
   * @param cause why, if that is known: it is in the error when no other comes
   */
  detach(link: Link, cause: Error | undefined, now: number): void {
    if (this.#disposed || !this.#paths.lose(link, now)) return
    this.#lifecycle.onDetached(cause, now)
    this.#parts.chooser?.onStranded()
  }

  /**
   * Says that the program stood still until `now`, so that what arrives next has waited: to be called when a timer
   * rang much too late. Without it the pause counts as a round trip.
   */
  onStall(now: number): void {
    this.#lifecycle.onStall(now)
    this.#parts.policy.onStall(now)
    this.#paths.active?.recovery?.onStall(now)
  }

  /** Says whether the session's link takes packets: `false` when its `send` said so, `true` when it has drained. */
  setWritable(link: Link, writable: boolean): void {
    const path = this.#paths.find(link)
    if (path) path.blocked = !writable
  }

  /**
   * Takes a packet that arrived on `link`, which may be one that the session does not know. The bytes are needed only
   * during the call.
   *
   * @returns whether it is one of the session's peer: only then has whoever sent it over that link anything to do here
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
      // A message link that came and does not join the session is nobody's, whatever went over it.
      return isOfUse || link.lossy
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      this.#lifecycle.onViolation(error, now)
    }
    return true
  }

  /** The next thing to do. Call it until it answers `timeout`, and again at that time. */
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
    // Sending can settle things: what that says comes before the session may sleep.
    if (events.length > 0) return this.poll(now)
    timeoutOutput.at = this.#nextDeadline(now)
    const mayBeDue = this.#isGoingOn && timeoutOutput.at <= now
    this.#isGoingOn = false
    if (mayBeDue) return this.poll(now)
    this.#lifecycle.sleep(timeoutOutput.at)
    return timeoutOutput
  }

  /** Lets time pass, as `poll` does before anything else: an expired session wipes its keys here. */
  onTime(now: number): void {
    const { opener, deliveries, sealer } = this.#parts
    this.#now = now
    opener.onTime(now)
    // Between two outputs of one run nothing gets due that could not wait for the run's end.
    const isJustDone = this.#isGoingOn && now - this.#passedAt < LONGEST_RUN
    if (!isJustDone && this.#lifecycle.isOpen) this.#onTimeWhileOpen(now)
    if (sealer.remaining <= RESERVED_FOR_CLOSE && this.#lifecycle.isOpen) this.#lifecycle.onExhausted(now)
    this.#lifecycle.onTime(this.#lifecycle.isFlushing && deliveries.outstanding === 0 && !this.#assembler.pending, now)
    if (this.#lifecycle.state === 'closed') this.#dispose()
  }

  /**
   * Ends the session because of an error. A `ProtocolError` says that the peer broke a rule that shows only when its
   * bytes are used, as in a message: it is told the error's code. Anything else is a defect on this side: the peer is
   * told InternalError, and `ended` says `fault`.
   */
  fail(error: unknown, now: number): void {
    if (error instanceof ProtocolError) this.#lifecycle.onViolation(error, now)
    else this.#lifecycle.onFault(error, now)
  }

  /** Moves both directions to fresh keys as soon as the rules allow. */
  rotateKeys(): void {
    this.#lifecycle.assertOpen('rotate its keys')
    this.#isGoingOn = false
    this.#parts.keyUpdates.request()
  }

  /** @returns the number that the `pong` event will name */
  ping(): number {
    this.#lifecycle.assertOpen('send a ping')
    return this.#parts.control.queuePing()
  }

  /** Largest payload of `sendDatagram` now, in bytes; 0 when the peer takes none or there is no link. */
  get maxDatagramSize(): number {
    const { active } = this.#paths
    const room = active ? datagramRoom(active) : 0
    return Math.max(0, Math.min(room, this.#maxDatagram))
  }

  /**
   * Queues an unreliable datagram; a full queue drops its oldest.
   *
   * @returns the number that the `datagram-settled` event will name
   * @throws SttError `STT_DATAGRAM_TOO_LARGE` above `maxDatagramSize`, `STT_INVALID_ARGUMENT` for what are no bytes
   */
  sendDatagram(datagram: Uint8Array): number {
    const data = bytesOf(datagram, 'a datagram')
    this.#lifecycle.assertOpen('send a datagram')
    return this.#parts.datagrams.push(data, this.maxDatagramSize)
  }

  /**
   * A key of `length` bytes for the application's own use; both sides get the same for the same label.
   *
   * @param label at most 246 bytes of UTF-8
   * @throws SttError `STT_INVALID_ARGUMENT`
   */
  exportKey(label: string, length: number): Uint8Array<ArrayBuffer> {
    this.#lifecycle.assertOpen('export a key')
    return this.#parts.exporter.export(label, length)
  }

  /**
   * Closes: what was written still goes out for up to `drain` milliseconds, then CLOSE. A second call does nothing.
   *
   * @throws SttError `STT_INVALID_ARGUMENT`, before anything is done, for a code that is no whole number from 0 to
   *   2^53 - 1, or a reason above 256 bytes of UTF-8
   */
  close(request: CloseRequest, now: number): void {
    this.#lifecycle.requestClose(request, now)
  }

  /**
   * Bytes of memory that the session holds at the moment beyond its fixed 16 KB: datagrams that wait on their way out or
   * to be polled, and what is remembered of packets under way. Its streams count their own.
   */
  get bytesHeld(): number {
    const { incomingDatagrams, datagrams, deliveries } = this.#parts
    return incomingDatagrams.bytes + datagrams.bytes + deliveries.remembered * BYTES_OF_A_SENT_PACKET
  }

  /**
   * Ends the session at once and without a word to the peer: its keys are wiped when the call returns. For sessions that
   * nobody drives any longer; `close` is the polite way.
   */
  discard(): void {
    this.#lifecycle.discard()
    this.#dispose()
  }

  /** When the last packet that verified came, in milliseconds; as long as none has, when the session began. */
  get lastReceivedAt(): number {
    return this.#lifecycle.lastReceivedAt
  }

  /**
   * Ends the session as if it had been silent for its idle time, before it has: as truncated, and without a word to the peer.
   * For one whose place is needed while nothing is heard on it.
   */
  endAsSilent(now: number): void {
    if (this.state !== 'closed') this.#lifecycle.onSilence(now)
    this.#dispose()
  }

  /** Whether silence has ended the session by `now`. */
  isExpired(now: number): boolean {
    return this.#lifecycle.isExpired(now)
  }

  /** Counts a packet that left; `poll` does so for those that it gives. */
  recordSentBytes(length: number): void {
    checkInteger(length, 'the length of a packet', 0, Number.MAX_SAFE_INTEGER)
    this.#parts.counters.onSent(length)
  }

  /** Counts a packet that arrived; `receive` does so for those that verify. */
  recordReceivedBytes(length: number): void {
    checkInteger(length, 'the length of a packet', 0, Number.MAX_SAFE_INTEGER)
    this.#parts.counters.onReceived(length)
  }

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

/** Milliseconds after which time is let pass in the middle of a run of outputs, too. */
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

/** About what is remembered of a packet with a frame or two. */
const BYTES_OF_A_SENT_PACKET = 256

/** Packet numbers that are kept for CLOSE. */
const RESERVED_FOR_CLOSE = 1_024
