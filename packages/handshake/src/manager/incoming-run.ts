import type { HandshakeHeader } from '../header.ts'
import { MessageType } from '../message-type.ts'
import { type Origin, sameOrigin } from '../origin.ts'
import { FinalStatus } from '../payloads.ts'
import type { Responder } from '../responder.ts'
import type { VerifiedPeer } from '../result.ts'
import type { Decision, HandshakeRun, RunContext } from './outputs.ts'
import type { Timed } from './timer-queue.ts'

/** The manager, as a listener's run sees it. */
export interface IncomingContext<O extends Origin> extends RunContext<O> {
  /** The decision on a peer, or undefined when it comes later through `decide`. */
  authorize(run: IncomingRun<O>, peer: VerifiedPeer): Decision | undefined
  /** Called with each decision that a peer was told. */
  decided(decision: Decision): void
  /** Milliseconds that a decision may take. */
  readonly authorizeTimeout: number
  /** Milliseconds from HELLO to AUTH_PROOF, and from FINAL to the session's first packet. */
  readonly timeout: number
}

/** One run of the listening side, from the HELLO that was accepted to the session's first packet. */
export class IncomingRun<O extends Origin> implements HandshakeRun<O>, Timed {
  readonly role = 'responder' as const
  readonly answered = true
  readonly origin: O
  readonly localCid: Uint8Array
  /** mac1 of the HELLO that began it. */
  readonly helloMac: string
  readonly #context: IncomingContext<O>
  #responder: Responder | undefined
  readonly seedIndex: number
  readonly #expiresAt: number
  #state: HandshakeRun['state'] = 'pending'
  #deadline: number

  /** @param seedIndex which of the manager's seeds the peer used, as they were when the run began */
  constructor(
    context: IncomingContext<O>,
    responder: Responder,
    { origin, helloMac, seedIndex }: { origin: O; helloMac: string; seedIndex: number },
    now: number,
  ) {
    this.#context = context
    this.#responder = responder
    this.origin = origin
    this.localCid = responder.localCid
    this.helloMac = helloMac
    this.seedIndex = seedIndex
    this.#expiresAt = now + context.timeout
    this.#deadline = this.#expiresAt
  }

  get state(): HandshakeRun['state'] {
    return this.#state
  }

  get deadline(): number {
    return this.#deadline
  }

  /** HELLO again: the stored RESPONSE, and only to where the first came from. spec: STT-HS-31 */
  repeatResponse(hello: Uint8Array, from: O, now: number): void {
    if (!sameOrigin(from, this.origin)) return this.#context.drop('replayed')
    const response = this.#responder?.processHello(hello, now)
    if (response) this.#context.transmit(response, this.origin)
    else this.#context.drop(this.#responder?.lastDrop ?? 'replayed')
  }

  /** A message that names this run's connection id. */
  receive(header: HandshakeHeader, bytes: Uint8Array, from: O, now: number): void {
    const { drop } = this.#context
    const responder = this.#responder
    if (header.type !== MessageType.AuthProof || responder === undefined) return drop('unexpected')
    // spec: STT-HS-27 (else an attacker who sees an AUTH_PROOF could send it here first, and get FINAL)
    if (!sameOrigin(from, this.origin)) return drop('wrongAddress')
    if (this.#state === 'pending') return this.#onProof(responder, bytes, now)
    // A repeated AUTH_PROOF while the decision is pending: the answer follows the decision.
    if (this.#state === 'deciding') return
    if (responder.repeatFinal(bytes, now)) this.#sendFinal(responder)
    else drop(responder.lastDrop!)
  }

  /** Answers a peer that waits; false when it no longer waits. spec: STT-HS-40 */
  decide(decision: Decision, now: number): boolean {
    const responder = this.#responder
    if (this.#state !== 'deciding' || responder === undefined) return false
    responder.createFinal(STATUS[decision])
    this.#sendFinal(responder)
    this.#context.decided(decision)
    const { result } = responder
    if (result === undefined) {
      this.#state = 'failed'
      this.#deadline = this.#expiresAt
      return true
    }
    this.#state = 'complete'
    this.#deadline = now + this.#context.timeout
    this.#context.emit({ type: 'session', run: this, result, packets: [] })
    return true
  }

  /** The session's first verified packet came: the peer has FINAL, so it need not be kept for repeating. spec: STT-HS-30 */
  confirm(): void {
    this.#responder = undefined
  }

  /** Does what is due; true when the run is over. */
  onTime(now: number): boolean {
    if (now < this.#deadline) return false
    if (this.#state === 'deciding') {
      this.decide('busy', now)
      return false
    }
    const result = this.#responder?.result
    // spec: STT-HS-28
    if (result) this.#context.emit({ type: 'unconfirmed', run: this, result })
    return true
  }

  /** Ends the run and wipes its keys; a session that it began goes on. */
  dispose(): void {
    if (this.#state !== 'complete') this.#state = 'failed'
    this.#responder?.dispose()
  }

  /** The run is over before its time: its place in the table is free at the next poll. */
  #end(now: number): void {
    this.#state = 'failed'
    this.#deadline = now
  }

  #sendFinal(responder: Responder): void {
    for (const message of responder.finalMessages) this.#context.transmit(message, this.origin)
  }

  #onProof(responder: Responder, bytes: Uint8Array, now: number): void {
    const opened = responder.openProof(bytes, now)
    if (opened === undefined) {
      // Without a reason: the other fragment is still to come.
      if (responder.lastDrop) this.#context.drop(responder.lastDrop)
      if (responder.failed) this.#end(now)
      return
    }
    const peer = { ...opened, seedIndex: this.seedIndex }
    this.#state = 'deciding'
    this.#deadline = Math.min(now + this.#context.authorizeTimeout, this.#expiresAt)
    const decision = this.#context.authorize(this, peer)
    if (decision) this.decide(decision, now)
    else this.#context.emit({ type: 'authorize', run: this, peer })
  }
}

const STATUS: Record<Decision, FinalStatus> = {
  accept: FinalStatus.Accepted,
  refuse: FinalStatus.Refused,
  busy: FinalStatus.Busy,
}
