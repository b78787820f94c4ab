import { SttError } from '@stt/errors'
import { CloseCode, type ProtocolError } from '@stt/frame'
import { type Path, probeTimeoutOf } from '../path/path.ts'
import type { Paths } from '../path/paths.ts'
import { CONFIRM_TIMEOUT } from '../session-config.ts'
import type { CloseReason, SessionEvent } from '../session-events.ts'
import { byFault, byLinkEnd, byPeer, byReset, bySilence, byThisSide, byViolation } from './close-reasons.ts'
import { type CloseRequest, CloseState, truncateReason } from './close-state.ts'
import { type SessionState, transition } from './session-state.ts'

export interface LifecycleConfig {
  readonly role: 'initiator' | 'responder'
  readonly now: number
  /** Milliseconds of silence that end the session, as all times here; `Infinity` turns a timer off. */
  readonly idleTimeout: number
  /** How long a session without a link is kept. */
  readonly detachedTimeout: number
  /** How much longer than `idleTimeout` a silent session is kept, in case its peer comes back. */
  readonly dormantTimeout: number
  /** After how much silence the initiator sends PING. */
  readonly keepAlive: number
  readonly paths: Paths
  readonly emit: (event: SessionEvent) => void
}

/** The session from the end of the handshake to the last packet: its state, and when and why it ends. */
export class Lifecycle {
  readonly #config: LifecycleConfig
  readonly #confirmBy: number
  #state: SessionState
  #closing: CloseState | undefined
  #ended = false
  #isDeaf = false
  #lastReceivedAt: number
  #keepAliveFrom: number
  /** Since when there has been no link; `undefined` while there is one. */
  #detachedAt: number | undefined
  /** Why the last link ended, if that is known. */
  #lostLink: Error | undefined
  #closeExpired = false
  /** The deadline that the last `poll` returned. */
  #wakeAt = Number.POSITIVE_INFINITY
  #toldDormant = false
  /** Milliseconds for which this program stood still since a packet verified. */
  #stoodStill = 0

  constructor(config: LifecycleConfig) {
    this.#config = config
    this.#lastReceivedAt = this.#keepAliveFrom = this.#detachedAt = config.now
    // The initiator has seen the responder's confirmation in FINAL; its own first packet confirms back.
    this.#state = config.role === 'initiator' ? 'active' : 'handshaking'
    this.#confirmBy = config.now + CONFIRM_TIMEOUT
  }

  get state(): SessionState {
    return this.#state
  }

  /** When the last packet verified; before the first, when the session began. */
  get lastReceivedAt(): number {
    return this.#lastReceivedAt
  }

  /** Whether packets that still arrive are ignored: the session is closed, or the peer has sent CLOSE. */
  // spec: STT-PKT-26
  get isDone(): boolean {
    return this.#state === 'closed' || this.#state === 'draining'
  }

  /** Whether the peer broke a rule: its packets are counted for CLOSE, and no longer read. */
  // spec: STT-PKT-27
  get isDeaf(): boolean {
    return this.#isDeaf
  }

  /** Whether data may still flow: CLOSE is not what remains to be sent. */
  get isOpen(): boolean {
    return this.#state !== 'closed' && !this.#closing?.started
  }

  /** Set as soon as only CLOSE remains to be sent. */
  get closing(): CloseState | undefined {
    return this.#closing?.started ? this.#closing : undefined
  }

  /** Whether `close` waits for written data to be delivered. */
  get isFlushing(): boolean {
    return this.#closing !== undefined && !this.#closing.started
  }

  /** @throws SttError `STT_CLOSED` unless the session takes calls from the application */
  assertOpen(what: string): void {
    if (this.#state !== 'handshaking' && this.#state !== 'active') this.#refuse(what)
  }

  /** The same, but while it closes a session may still need another link to deliver what was written. */
  assertNotOver(what: string): void {
    if (!this.isOpen) this.#refuse(what)
  }

  onAttached(): void {
    this.#detachedAt = undefined
    this.#lostLink = undefined
  }

  /** The last link ended; another one may come. */
  // spec: STT-PKT-32
  onDetached(cause: Error | undefined, now: number): void {
    this.#detachedAt ??= now
    this.#lostLink ??= cause
  }

  /** Whether the peer has been silent for `idleTimeout`: only `dormantTimeout` still keeps the session. */
  // spec: STT-PKT-55
  isDormant(now: number): boolean {
    return now >= this.#dormantFrom
  }

  /** A packet verified: the peer lives. */
  onVerified(now: number): void {
    this.#lastReceivedAt = this.#keepAliveFrom = now
    this.#stoodStill = 0
    this.#toldDormant = false
    if (this.#state === 'handshaking') {
      this.#become('active')
      this.#config.emit({ type: 'confirmed' })
    }
    if (this.#state === 'closing') this.closing?.onLatePacket()
  }

  /** Whether the initiator's PING is due; the answer `true` starts the next wait. */
  // spec: STT-PKT-31
  takeKeepAlive(now: number): boolean {
    if (now < this.#keepAliveAt) return false
    this.#keepAliveFrom = now
    return true
  }

  requestClose(request: CloseRequest, now: number): void {
    if (this.#state !== 'handshaking' && this.#state !== 'active') return
    this.#closing = new CloseState(request, now)
    this.#become('closing')
  }

  /** The peer broke a rule: its packets are no longer read, and CLOSE says why. */
  onViolation(error: ProtocolError, now: number): void {
    this.#isDeaf = true
    this.#abort(byViolation(error, truncateReason(error.message)), now)
  }

  /** The packet numbers are used up: the last ones are for CLOSE. */
  // spec: STT-PKT-5
  onExhausted(now: number): void {
    this.#abort(byThisSide(false, CloseCode.AeadLimit, 'packet numbers used up'), now)
  }

  // spec: STT-PKT-26
  onPeerClose(app: boolean, code: number, reason: string, now: number): void {
    if (this.#state === 'draining' || this.#state === 'closed') return
    if (this.closing) return this.#finish()
    this.#closing = new CloseState({ app: false, code: CloseCode.NoError, reason: '', deadline: 0 }, now)
    this.#start(false, now)
    this.#become('draining')
    this.#end(byPeer(app, code, reason))
  }

  /** This side has a defect: CLOSE says so, and does not blame the peer. */
  onFault(cause: unknown, now: number): void {
    this.#abort(byFault(cause), now)
  }

  /** The session will not be polled again. */
  discard(): void {
    if (this.#state === 'closed') return
    if (!this.#ended) this.#end(byThisSide(false, CloseCode.NoError, ''))
    this.#become('closed')
  }

  /** Ends the session for silence. */
  onSilence(now: number): void {
    const silence = now - this.#lastReceivedAt
    this.#end(this.#detachedAt === undefined ? bySilence(silence, this.#stoodStill) : byLinkEnd(this.#lostLink))
    this.#become('closed')
  }

  /** The session sleeps until `at`, unless a packet or a call comes before. */
  sleep(at: number): void {
    this.#wakeAt = at
  }

  /** The program stood still until `now`; how long follows from the deadline that it missed. */
  onStall(now: number): void {
    if (now <= this.#wakeAt) return
    this.#stoodStill += now - this.#wakeAt
    this.#wakeAt = now
  }

  /** The peer no longer has the session's keys. */
  // spec: STT-PKT-40
  onReset(): void {
    this.#end(byReset())
    this.#become('closed')
  }

  /**
   * The path that the owed CLOSE goes over next. It goes over every validated path, the active one last: one of them may
   * be dead without either side knowing it.
   */
  // spec: STT-PKT-24
  takeClosePath(now: number): Path | undefined {
    const { active, others } = this.#config.paths
    const closing = this.#closing
    if (!active || !closing?.owesClose) return undefined
    const other = others.find(each => each.validated && !each.blocked && !closing.wasSentOver(each.link))
    if (other) {
      closing.onSentOver(other.link)
      return other
    }
    // At its deadline CLOSE does not wait for a full link: links take one more packet, and without it the peer would not
    // learn why the session ended.
    if (active.blocked && !this.#isLastChance(now)) return undefined
    this.#onCloseSent(now)
    return active
  }

  /** CLOSE is sent. A message link delivers it, so a session that waits for no answer is done. */
  // spec: STT-PKT-25
  #onCloseSent(now: number): void {
    this.#closing?.onCloseSent(now)
    if ((this.#state === 'draining' || this.#isDeaf) && this.#isReliable) return this.#finish()
    this.#endLocally()
  }

  /**
   * Does what is due by `now`.
   *
   * @param flushed whether, while `isFlushing`, all written data has been acknowledged
   */
  onTime(flushed: boolean, now: number): void {
    if (this.#state === 'closed') return
    const closing = this.#closing
    const detached = this.#detachedAt !== undefined
    const isFlushed = closing !== undefined && flushed && closing.isWritten
    // Data that was not acknowledged may not have arrived: that is no clean close, even after `close`.
    if (now >= this.#silenceDeadline && !(detached && isFlushed)) return this.onSilence(now)
    if (!this.#toldDormant && this.isDormant(now)) {
      this.#toldDormant = true
      this.#config.emit({ type: 'dormant' })
    }
    if (!closing) return
    if (!closing.started && (isFlushed || now >= closing.flushBy)) this.#start(true, now)
    if (!closing.started) return
    closing.onTime(now)
    if (detached || now >= closing.lingerUntil) this.#finish()
  }

  /** Whether the deadline of a close has come and has not been reported yet. */
  #isLastChance(now: number): boolean {
    return !this.#closeExpired && this.#closing !== undefined && now >= this.#closing.flushBy
  }

  /** No packet can leave now. A side that closes waits for that, and for the peer's answer, until its deadline at most. */
  // spec: STT-PKT-46
  onNothingToSend(now: number): void {
    const closing = this.#closing
    if (this.#state !== 'closing' || this.#closeExpired || !closing?.started || now < closing.flushBy) return
    this.#closeExpired = true
    this.#endLocally()
    this.#config.emit({ type: 'close-expired' })
  }

  // spec: STT-PKT-28
  isExpired(now: number): boolean {
    return this.#state === 'closed' || now >= this.#silenceDeadline
  }

  /** When `onTime` or `takeKeepAlive` has something to do. */
  get deadline(): number {
    if (this.#state === 'closed') return Number.POSITIVE_INFINITY
    const closing = this.#closing
    const expiry =
      closing && !this.#closeExpired && this.#state === 'closing' ? closing.flushBy : Number.POSITIVE_INFINITY
    const dormant = this.#toldDormant ? Number.POSITIVE_INFINITY : this.#dormantFrom
    return Math.min(
      this.#silenceDeadline,
      this.#keepAliveAt,
      expiry,
      dormant,
      closing?.deadline ?? Number.POSITIVE_INFINITY,
    )
  }

  get #dormantFrom(): number {
    const { dormantTimeout, idleTimeout } = this.#config
    return dormantTimeout > 0 ? this.#lastReceivedAt + idleTimeout : Number.POSITIVE_INFINITY
  }

  get #keepAliveAt(): number {
    const quiet = this.#state !== 'active' || this.#detachedAt !== undefined
    return quiet ? Number.POSITIVE_INFINITY : this.#keepAliveFrom + this.#config.keepAlive
  }

  // spec: STT-PKT-28 STT-PKT-30 STT-PKT-32
  get #silenceDeadline(): number {
    const idle = this.#lastReceivedAt + this.#config.idleTimeout + this.#config.dormantTimeout
    const confirm = this.#state === 'handshaking' ? this.#confirmBy : Number.POSITIVE_INFINITY
    const detached =
      (this.#detachedAt ?? Number.POSITIVE_INFINITY) + this.#config.detachedTimeout + this.#config.dormantTimeout
    return Math.min(idle, confirm, detached)
  }

  get #isReliable(): boolean {
    return this.#config.paths.active?.link.lossy === false
  }

  /** Stops data: CLOSE tells `reason` to the peer, and the `ended` event tells it at once. */
  #abort(reason: CloseReason, now: number): void {
    if (this.#ended) return
    const { app, code } = reason
    this.#closing = new CloseState({ app, code, reason: reason.reason, deadline: 0 }, now)
    this.#closeExpired = true
    this.#start(true, now)
    if (this.#state !== 'closing') this.#become('closing')
    this.#end(reason)
  }

  /** @param repeats whether an unanswered CLOSE is sent again on a lossy link: the side that closes does so */
  #start(repeats: boolean, now: number): void {
    const probeTimeout = probeTimeoutOf(this.#config.paths.active)
    const repeatAfter = repeats && !this.#isReliable ? probeTimeout : Number.POSITIVE_INFINITY
    this.#closing?.start(3 * probeTimeout, repeatAfter, now)
  }

  #refuse(what: string): never {
    throw new SttError('STT_CLOSED', `this session is ${this.#state} and cannot ${what}: open another`)
  }

  #finish(): void {
    this.#endLocally()
    this.#become('closed')
  }

  #endLocally(): void {
    // The end is reported once, and an error is expensive to make.
    if (!this.#closing || this.#ended) return
    const { app, code, reason } = this.#closing.request
    this.#end(byThisSide(app, code, reason))
  }

  #end(reason: CloseReason): void {
    if (this.#ended) return
    this.#ended = true
    this.#config.emit({ type: 'ended', reason })
  }

  #become(state: SessionState): void {
    this.#state = transition(this.#state, state)
  }
}
