import { createCke, provider as defaultProvider } from '@stt/crypto'
import { bytesOf, checkInteger, checkType, SttError } from '@stt/errors'
import { type Link, ProtocolError } from '@stt/frame'
import { checkConfig } from './check-config.ts'
import type { CloseRequest } from './life/closing.ts'
import type { SessionState } from './life/session-state.ts'
import { datagramRoom } from './path/path.ts'
import type { SessionConfig } from './session-config.ts'
import { SessionEngine } from './session-engine.ts'
import type { SessionOutput } from './session-events.ts'
import type { SessionStatistics } from './statistics.ts'

/**
 * One session as an engine: packets, time and calls go in; packets, events and the next deadline come out of `poll`.
 * After every other call, call `poll` until it answers `timeout`.
 *
 * What is called for each packet (`receive`, `poll`, `setWritable`) trusts its arguments; everything else checks them.
 */
export class Session {
  readonly id: Uint8Array<ArrayBuffer>
  readonly role: 'initiator' | 'responder'
  readonly localCid: Uint8Array<ArrayBuffer>
  readonly remoteCid: Uint8Array<ArrayBuffer>
  readonly peerId: Uint8Array<ArrayBuffer>
  /** Milliseconds of silence that end the session: the smaller of both sides'. */
  readonly idleTimeout: number
  readonly #config: SessionConfig
  readonly #engine: SessionEngine

  /** @throws SttError `STT_INVALID_ARGUMENT` that names the field; the secrets are then still the caller's */
  constructor(config: SessionConfig) {
    checkConfig(config)
    this.id = Uint8Array.from(config.id)
    this.role = config.role
    this.localCid = Uint8Array.from(config.localCid)
    this.remoteCid = Uint8Array.from(config.remoteCid)
    this.peerId = Uint8Array.from(config.peerId)
    this.idleTimeout = Math.min(config.localLimits.idleTimeout, config.peerLimits.idleTimeout)
    this.#config = config
    this.#engine = new SessionEngine(config, this.idleTimeout)
  }

  get state(): SessionState {
    return this.#engine.lifecycle.state
  }

  /** The link that carries the session now. */
  get link(): Link | undefined {
    return this.#engine.path?.link
  }

  /**
   * Gives the session a link to send on, instead of the one it has. What was
   * not acknowledged on the link before is sent again on this one.
   */
  attach(link: Link): void {
    this.#engine.attach(link)
  }

  /**
   * Takes in another link that this side opened, and asks over it whether the peer is there: `path-validated` says so,
   * `path-closed` that nothing came back. The session stays where it is. Initiators only: a responder follows its peer.
   *
   * @throws SttError `STT_INVALID_STATE` at a responder, and for a session that was made without entropy
   */
  addPath(link: Link): void {
    if (this.role !== 'initiator') throw new SttError('STT_INVALID_STATE', ONLY_INITIATORS)
    if (!this.#config.entropy) throw new SttError('STT_INVALID_STATE', NO_ENTROPY)
    this.#assertOpen('take in a link')
    this.#engine.addPath(link)
  }

  /**
   * Goes on over a link that was proved. What was not acknowledged is sent again there; the link before stays one of the
   * session's.
   *
   * @throws SttError `STT_INVALID_STATE` for a link that is not proved
   */
  moveTo(link: Link): void {
    this.#assertOpen('move')
    this.#engine.moveTo(link)
  }

  /** Every link that the session uses, the one that packets go over first. */
  get links(): readonly Link[] {
    return this.#engine.links
  }

  /** The link is gone. The session moves to another that was proved, or lives on until another is attached or its time without one is over. */
  detach(link: Link, now: number): void {
    this.#engine.detach(link, now)
  }

  /**
   * The link ended and no other can be opened: if it was the last, the session ends at once, as truncated, with `cause` in its error; or
   * as closed, where it was closing and had nothing left to deliver.
   */
  endWithLink(link: Link, cause: Error | undefined, now: number): void {
    this.#engine.endWithLink(link, cause, now)
  }

  /** The link from which the peer seems to send now, while that is being proved. */
  get candidateLink(): Link | undefined {
    return this.#engine.candidate
  }

  /**
   * Says that the program stood still until `now`, so that what arrives next has waited: to be called when a timer
   * rang much too late. Without it the pause counts as a round trip.
   */
  onStall(now: number): void {
    this.#engine.onStall(now)
  }

  /** Says whether the session's link takes packets: `false` when its `send` said so, `true` when it has drained. */
  setWritable(link: Link, writable: boolean): void {
    this.#engine.setWritable(link, writable)
  }

  /**
   * Takes a packet that arrived on `link`, which may be one that the session does not know. The bytes are needed only
   * during the call.
   *
   * @returns whether it is one of the session's peer: only then has whoever sent it over that link anything to do here
   */
  receive(packet: Uint8Array, link: Link, now: number): boolean {
    return this.#engine.receive(packet, link, now)
  }

  /** The next thing to do. Call it until it answers `timeout`, and again at that time. */
  poll(now: number): SessionOutput {
    return this.#engine.poll(now)
  }

  /** Lets time pass, as `poll` does before anything else: an expired session wipes its keys here. */
  handleTimeout(now: number): void {
    this.#engine.handleTimeout(now)
  }

  /**
   * Ends the session because of an error. A `ProtocolError` says that the peer broke a rule that shows only when its
   * bytes are used, as in a message: it is told the error's code. Anything else is a defect on this side: the peer is
   * told InternalError, and `ended` says `fault`.
   */
  fail(error: unknown, now: number): void {
    if (error instanceof ProtocolError) this.#engine.lifecycle.onViolation(error, now)
    else this.#engine.lifecycle.onFault(error, now)
  }

  /** Moves both directions to fresh keys as soon as the rules allow. */
  rotateKeys(): void {
    this.#assertOpen('rotate its keys')
    this.#engine.keyUpdates.request()
  }

  /** @returns the number that the `pong` event will name */
  ping(): number {
    this.#assertOpen('send a ping')
    return this.#engine.control.queuePing()
  }

  /** Largest payload of `sendDatagram` now, in bytes; 0 when the peer takes none or there is no link. */
  get maxDatagramSize(): number {
    const room = this.#engine.path ? datagramRoom(this.#engine.path) : 0
    return Math.max(0, Math.min(room, this.#config.peerLimits.maxDatagram))
  }

  /**
   * Queues an unreliable datagram; a full queue drops its oldest.
   *
   * @returns the number that the `datagram-settled` event will name
   * @throws SttError `STT_DATAGRAM_TOO_LARGE` above `maxDatagramSize`, `STT_INVALID_ARGUMENT` for what are no bytes
   */
  sendDatagram(datagram: Uint8Array): number {
    const data = bytesOf(datagram, 'a datagram')
    this.#assertOpen('send a datagram')
    const max = this.maxDatagramSize
    if (data.length > max || max === 0) {
      throw new SttError(
        'STT_DATAGRAM_TOO_LARGE',
        max === 0
          ? 'this session takes no datagrams now: the peer allows none, or there is no link'
          : `a datagram here holds at most ${max} bytes, not ${data.length}: split it or use a stream`,
        { details: { maximum: max, length: data.length } },
      )
    }
    return this.#engine.datagrams.push(data)
  }

  /**
   * A key of `length` bytes for the application's own use; both sides get the same for the same label.
   *
   * @param label at most 246 bytes of UTF-8
   * @throws SttError `STT_INVALID_ARGUMENT`
   */
  exportKey(label: string, length: number): Uint8Array<ArrayBuffer> {
    checkType(label, 'the label of a key', 'string')
    checkInteger(length, 'the length of a key', 1, MAX_EXPORTED)
    this.#assertOpen('export a key')
    return createCke(this.#config.provider ?? defaultProvider).exportKey(this.#engine.exporter, label, length)
  }

  /**
   * Closes: what was written still goes out for up to `drain` milliseconds, then CLOSE. A second call does nothing.
   *
   * @throws SttError `STT_INVALID_ARGUMENT`, before anything is done, for a code that is no whole number from 0 to
   *   2^53 - 1, or a reason above 256 bytes of UTF-8
   */
  close(request: CloseRequest, now: number): void {
    this.#engine.lifecycle.requestClose(request, now)
  }

  /**
   * Bytes of memory that the session holds at the moment beyond its fixed 16 KB: datagrams that wait on their way out or
   * to be polled, and what is remembered of packets under way. Its streams count their own.
   */
  get bytesHeld(): number {
    return this.#engine.bytesHeld
  }

  /**
   * Ends the session at once and without a word to the peer: its keys are wiped when the call returns. For sessions that
   * nobody drives any longer; `close` is the polite way.
   */
  discard(): void {
    this.#engine.discard()
  }

  /** Whether silence has ended the session by `now`. */
  isExpired(now: number): boolean {
    return this.#engine.lifecycle.isExpired(now)
  }

  /** Counts a packet that left; `poll` does so for those that it gives. */
  recordSentBytes(length: number): void {
    checkInteger(length, 'the length of a packet', 0, Number.MAX_SAFE_INTEGER)
    this.#engine.counters.onSent(length)
  }

  /** Counts a packet that arrived; `receive` does so for those that verify. */
  recordReceivedBytes(length: number): void {
    checkInteger(length, 'the length of a packet', 0, Number.MAX_SAFE_INTEGER)
    this.#engine.counters.onReceived(length)
  }

  getStatistics(): SessionStatistics {
    const { path, sealer, opener, assembler, receiver, deliveries, datagrams, counters } = this.#engine
    const ofPath = path?.recovery?.getStatistics()
    return Object.freeze({
      ...counters.snapshot(),
      state: this.state,
      sendEpoch: sealer.epoch,
      receiveEpoch: opener.epoch,
      framesSent: assembler.framesSent,
      framesReceived: receiver.framesRead,
      framesResent: deliveries.framesResent,
      packetsOutstanding: deliveries.outstanding,
      packetsLost: deliveries.packetsLost,
      rtt: path?.rtt.smoothed ?? 0,
      datagramsQueued: datagrams.length,
      datagramsExpired: datagrams.expired,
      datagramsDropped: this.#engine.datagramsDropped,
      path: ofPath && Object.freeze({ ...ofPath }),
    })
  }

  #assertOpen(what: string): void {
    if (this.state === 'handshaking' || this.state === 'active') return
    throw new SttError('STT_CLOSED', `this session is ${this.state} and cannot ${what}: open another`)
  }
}

const ONLY_INITIATORS = 'a responder opens no links: it follows its peer to where that proves to be'
const NO_ENTROPY =
  'this session was made without entropy and cannot ask whether its peer is at the end of a link: give it some'
/** Bytes that HKDF-Expand can give: 255 hashes. */
const MAX_EXPORTED = 255 * 64
