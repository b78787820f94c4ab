import { SttError } from '@stt/errors'
import { CloseCode, type ProtocolError } from '@stt/frame'
import { type CloseRequest, Closing, truncateReason } from './closing.ts'
import { CONFIRM_TIMEOUT } from './session-config.ts'
import type { CloseReason, SessionEvent } from './session-events.ts'
import { type SessionState, transition } from './session-state.ts'

export interface LifecycleConfig {
  readonly role: 'initiator' | 'responder'
  readonly now: number
  /** Milliseconds; `Infinity` turns a timer off. */
  readonly idleTimeout: number
  readonly detachedTimeout: number
  readonly keepAlive: number
  readonly emit: (event: SessionEvent) => void
}

/** From the handshake's end to the last packet: the session's state, what ends it, and when. */
export class Lifecycle {
  readonly #config: LifecycleConfig
  readonly #confirmBy: number
  #state: SessionState
  #closing: Closing | undefined
  #ended = false
  #lastReceivedAt: number
  #keepAliveFrom: number
  /** Since when there has been no link; `undefined` while there is one. */
  #detachedAt: number | undefined

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

  /** Set from the moment CLOSE is what remains to be sent. */
  get closing(): Closing | undefined {
    return this.#closing?.started ? this.#closing : undefined
  }

  onAttached(): void {
    this.#detachedAt = undefined
  }

  // spec: STT-PKT-21
  onDetached(now: number): void {
    this.#detachedAt ??= now
  }

  /** A packet verified: the peer lives. */
  onVerified(now: number): void {
    this.#lastReceivedAt = this.#keepAliveFrom = now
    if (this.#state === 'handshaking') {
      this.#become('active')
      this.#config.emit({ type: 'confirmed' })
    }
    if (this.#state === 'closing') this.closing?.onLatePacket()
  }

  /** Whether the initiator's PING is due; asking takes it. */
  // spec: STT-PKT-22
  takeKeepAlive(now: number): boolean {
    if (this.#state !== 'active' || now < this.#keepAliveFrom + this.#config.keepAlive) return false
    this.#keepAliveFrom = now
    return true
  }

  requestClose(request: CloseRequest, now: number): void {
    if (this.#state !== 'handshaking' && this.#state !== 'active') return
    this.#closing = new Closing(request, now)
    this.#become('closing')
  }

  /** The peer broke a rule: nothing of it is taken any more, and CLOSE says why. */
  onViolation(error: ProtocolError, now: number, linger: number): void {
    if (this.#ended) return
    const reason = truncateReason(error.message)
    this.#closing = new Closing({ app: false, code: error.closeCode, reason, drain: 0 }, now)
    this.#closing.start(now, linger)
    if (this.#state !== 'closing') this.#become('closing')
    this.#end({ by: 'violation', app: false, code: error.closeCode, reason, error })
  }

  // spec: STT-PKT-19
  onPeerClose(app: boolean, code: number, reason: string, now: number, linger: number): void {
    if (this.#state === 'draining') return
    if (this.closing) return this.#finish()
    this.#closing = new Closing({ app: false, code: CloseCode.NoError, reason: '', drain: 0 }, now)
    this.#closing.start(now, linger)
    this.#become('draining')
    this.#end({ by: 'peer', app, code, reason, error: closedByPeer(app, code, reason) })
  }

  /** CLOSE went out. On a message link the peer's own follows nothing: a session that only answered is done. */
  onCloseSent(linkIsReliable: boolean): void {
    this.#closing?.onCloseSent()
    if (this.#state === 'draining' && linkIsReliable) return this.#finish()
    this.#endLocally()
  }

  /**
   * Lets time pass.
   *
   * @param flushed whether everything that was written has been acknowledged
   * @param linger milliseconds that an answer to CLOSE is waited for
   */
  onTime(now: number, flushed: boolean, linger: number): void {
    if (this.#state === 'closed') return
    if (now >= this.#silenceDeadline()) {
      this.#end(silence(now - this.#lastReceivedAt))
      return this.#become('closed')
    }
    const closing = this.#closing
    if (!closing) return
    if (!closing.started && (flushed || now >= closing.flushBy || this.#detachedAt !== undefined))
      closing.start(now, linger)
    if (closing.started && (now >= closing.lingerUntil || this.#detachedAt !== undefined)) this.#finish()
  }

  // spec: STT-PKT-20
  isExpired(now: number): boolean {
    return this.#state === 'closed' || now >= this.#silenceDeadline()
  }

  /** When `onTime` or `takeKeepAlive` has something to do. */
  get deadline(): number {
    if (this.#state === 'closed') return Number.POSITIVE_INFINITY
    const keepAlive = this.#state === 'active' ? this.#keepAliveFrom + this.#config.keepAlive : Number.POSITIVE_INFINITY
    const closing = this.#closing
      ? Math.min(this.#closing.flushBy, this.#closing.lingerUntil)
      : Number.POSITIVE_INFINITY
    const closeBy = this.closing ? this.closing.lingerUntil : closing
    return Math.min(this.#silenceDeadline(), keepAlive, closeBy)
  }

  #silenceDeadline(): number {
    const idle = this.#lastReceivedAt + this.#config.idleTimeout
    const confirm = this.#state === 'handshaking' ? this.#confirmBy : Number.POSITIVE_INFINITY
    const detached = (this.#detachedAt ?? Number.POSITIVE_INFINITY) + this.#config.detachedTimeout
    return Math.min(idle, confirm, detached)
  }

  #finish(): void {
    this.#endLocally()
    this.#become('closed')
  }

  #endLocally(): void {
    if (!this.#closing) return
    const { app, code, reason } = this.#closing.request
    this.#end({
      by: 'local',
      app,
      code,
      reason,
      error: new SttError('STT_CLOSED', 'this session was closed: open another'),
    })
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

function closedByPeer(app: boolean, code: number, reason: string): SttError {
  const why = reason === '' ? `code ${code}` : `code ${code}: ${reason}`
  if (app || code === CloseCode.NoError)
    return new SttError('STT_CLOSED', `the peer closed the session (${why})`, { details: { closeCode: code } })
  const message = `the peer ended the session because this side broke the protocol (${why}): report it`
  return new SttError('STT_PROTOCOL', message, { details: { closeCode: code } })
}

function silence(milliseconds: number): CloseReason {
  const seconds = Math.round(milliseconds / 100) / 10
  const message = `the session ended without a close: nothing was heard from the peer for ${seconds} s. It stopped, or the network between did; what it had not acknowledged may not have arrived`
  return {
    by: 'silence',
    app: false,
    code: CloseCode.NoError,
    reason: '',
    error: new SttError('STT_TRUNCATED', message),
  }
}
