import { type CryptoProvider, type Entropy, equalBytes } from '@stt/crypto'
import { isSttError, SttError } from '@stt/errors'
import type { HandshakeHeader } from '../header.ts'
import type { Initiator } from '../initiator.ts'
import { MessageType } from '../message-type.ts'
import type { Origin } from '../origin.ts'
import type { HandshakeRun, RunContext } from './outputs.ts'
import { readRetry } from './retry.ts'
import { RetryChoice } from './retry-choice.ts'
import type { Timed } from './timer-queue.ts'

/** The manager, as a dial sees it. */
export interface DialContext<O extends Origin> extends RunContext<O> {
  readonly provider: CryptoProvider
  readonly entropy: Entropy
  /** A fresh Initiator, with a new connection id that leads to `dial`. */
  newInitiator(dial: DialRun<O>, token: Uint8Array | undefined): Initiator
  /** This connection id no longer leads to its dial. */
  release(localCid: Uint8Array): void
}

/**
 * One dial: an Initiator, and another one with a new key for each RETRY that is followed. The first and the newest ones stay
 * until one is answered, since RETRYs can be forged on the path. spec: STT-HS-33
 */
export class DialRun<O extends Origin> implements HandshakeRun<O>, Timed {
  readonly role = 'initiator' as const
  readonly origin: O
  readonly #expiresAt: number
  readonly seedIndex: number
  readonly #context: DialContext<O>
  /** Empty once the dial has ended, so that a run that is kept holds no keys. */
  readonly #attempts: Initiator[] = []
  readonly #localCids: Uint8Array[] = []
  readonly #retries: RetryChoice
  readonly #packets: Uint8Array[] = []
  #state: HandshakeRun['state'] = 'pending'
  #answered: Initiator | undefined
  /** The id of the attempt that was answered, else of the newest. */
  #localCid: Uint8Array | undefined
  #repeatAt: number
  #repeats = 0
  /** Why a peer that answered was not accepted: the most likely reason when the time is over. */
  #unwanted: 'wrongPeer' | 'notPaired' | 'ownKey' | undefined
  readonly #localAddress: string | undefined

  constructor(context: DialContext<O>, to: DialTarget<O>, timeout: number, now: number) {
    const { origin, localAddress, seedIndex } = to
    this.#context = context
    this.origin = origin
    this.#localAddress = localAddress
    this.seedIndex = seedIndex
    // spec: STT-HS-30 (one for all attempts)
    this.#expiresAt = now + timeout
    this.#repeatAt = Number.POSITIVE_INFINITY
    this.#retries = new RetryChoice(context.entropy)
    this.#attempt(undefined, now)
    this.#scheduleRepeat(now)
  }

  get state(): HandshakeRun['state'] {
    return this.#state
  }

  get localCid(): Uint8Array {
    return this.#localCid!
  }

  get answered(): boolean {
    return this.#answered !== undefined
  }

  /** Every id that leads here. */
  get localCids(): readonly Uint8Array[] {
    return this.#localCids
  }

  get deadline(): number {
    return this.#state === 'pending' ? Math.min(this.#repeatAt, this.#expiresAt) : this.#expiresAt
  }

  /** A RESPONSE, FINAL or RETRY that names one of this dial's connection ids. */
  receive(header: HandshakeHeader, bytes: Uint8Array, now: number): void {
    const attempt = this.#attempts.find(each => equalBytes(each.localCid, header.dcid))
    if (this.#state !== 'pending' || attempt === undefined) return this.#context.drop('unexpected')
    if (header.type === MessageType.Retry) return this.#onRetry(attempt, bytes, now)
    try {
      if (header.type === MessageType.Response) this.#onResponse(attempt, bytes, now)
      else this.#onFinal(attempt, bytes, now)
    } catch (error) {
      if (!isSttError(error, 'STT_PEER_REFUSED') && !isSttError(error, 'STT_BUSY')) throw error
      this.fail(error)
    }
  }

  /** Keeps a packet that overtook FINAL, for the session to come. spec: STT-HS-26 */
  keep(packet: Uint8Array): void {
    if (this.#state !== 'pending' || this.#answered === undefined) return this.#context.drop('unexpected')
    if (this.#packets.length >= MAX_KEPT_PACKETS) return this.#context.drop('tooManyPackets')
    this.#packets.push(packet.slice())
  }

  /**
   * A HELLO with an id of this dial came to the node's own listener. On a message link this dial's bytes come only from
   * its other end. A datagram may be a copy that an attacker sends here, unless it came from the address that the dial sends
   * from: systems refuse their own addresses as a source from outside.
   */
  onOwnHello(scid: Uint8Array, hello: Uint8Array, from: Origin, now: number): void {
    const attempt = this.#attempts.find(each => equalBytes(each.localCid, scid))
    // Once a peer has answered the dial leads there, wherever a copy of its HELLO turns up.
    if (attempt === undefined || this.#answered || !equalBytes(attempt.createHello(now), hello)) return
    this.#unwanted = 'ownKey'
    if (!this.origin.lossy || from.label === this.#localAddress) this.giveUp()
  }

  /** Sends again what is due; true when the dial's time is over. */
  onTime(now: number): boolean {
    if (now >= this.#expiresAt) {
      this.giveUp()
      return true
    }
    if (now >= this.#repeatAt) this.#repeat(now)
    return false
  }

  /** Ends the dial, which will get no more messages, with the most likely reason. */
  giveUp(cause?: Error): void {
    this.fail(this.failure(cause))
  }

  /** The error with which the dial ends if it gets no more messages. */
  failure(cause?: Error): SttError {
    const { label: address } = this.origin
    const options = cause ? { cause } : {}
    if (this.#answered) {
      const message = `the peer at ${address} answered but did not finish the handshake: it may be deciding, overloaded or stopped; try again`
      return new SttError(cause ? 'STT_HANDSHAKE_FAILED' : 'STT_TIMEOUT', message, options)
    }
    if (this.#unwanted) return new SttError('STT_PEER_REFUSED', UNWANTED[this.#unwanted](address), options)
    const message = `no peer answered at ${address}. Three causes are likely: it is not running, the address is wrong, or it holds another seed (a wrong seed is never answered)`
    return new SttError('STT_TIMEOUT', message, options)
  }

  /** Ends the dial, unless it has ended. */
  fail(error: SttError): void {
    if (this.#state !== 'pending') return
    this.#end('failed')
    this.#context.emit({ type: 'failed', run: this, error })
  }

  /** Ends the dial without an event. */
  dispose(): void {
    if (this.#state === 'pending') this.#end('failed')
  }

  #repeat(now: number): void {
    const messages = this.#answered?.proofMessages ?? this.#hellos(now)
    for (const message of messages) this.#context.transmit(message, this.origin)
    this.#scheduleRepeat(now)
  }

  /** The first HELLO, so that its RETRYs still come, and the newest with a token; and new ones for tokens that waited. */
  #hellos(now: number): readonly Uint8Array[] {
    const [first] = this.#attempts
    const newest = this.#attempts.at(-1)!
    const repeated = newest === first ? [first] : [first!, newest]
    const messages = repeated.map(attempt => attempt!.createHello(now))
    for (const token of this.#retries.drain()) this.#attempt(token, now)
    return messages
  }

  /** Starts an attempt with a new key, nonce and id. The pauses and the deadline go on. spec: STT-HS-33 */
  #attempt(token: Uint8Array | undefined, now: number): void {
    const initiator = this.#context.newInitiator(this, token)
    this.#attempts.push(initiator)
    this.#localCids.push(initiator.localCid)
    this.#localCid = initiator.localCid
    this.#context.transmit(initiator.createHello(now), this.origin)
    if (this.#attempts.length <= MAX_ATTEMPTS) return
    // The first one stays: it has no token, and is answered by a listener that asks for none.
    this.#attempts.splice(1, 1)[0]!.dispose()
    this.#context.release(this.#localCids.splice(1, 1)[0]!)
  }

  #onRetry(attempt: Initiator, bytes: Uint8Array, now: number): void {
    const { provider, drop } = this.#context
    const isFirst = attempt === this.#attempts[0]
    // spec: STT-HS-33 (the first HELLO is repeated, so a listener that knows none of the tokens sends RETRY again)
    if (!this.origin.lossy || this.#answered || !isFirst) return drop('badRetry')
    const token = readRetry(provider, attempt.createHello(now), bytes)
    if (token === undefined) return drop('badRetry')
    if (this.#retries.offer(token)) this.#attempt(token, now)
  }

  #onResponse(attempt: Initiator, bytes: Uint8Array, now: number): void {
    const isRepeated = attempt === this.#answered
    const proof = attempt.processResponse(bytes, now)
    if (proof === undefined) {
      const { lastDrop } = attempt
      this.#context.drop(lastDrop!)
      if (lastDrop === 'wrongPeer' || lastDrop === 'notPaired' || lastDrop === 'ownKey') this.#unwanted = lastDrop
      // spec: STT-HS-39: on a message link no other node can answer; over UDP the right one still may
      if (this.#unwanted && (!this.origin.lossy || attempt.isOwnPeer)) this.giveUp()
      return
    }
    // The timer sends AUTH_PROOF again; answering each repeated RESPONSE would let a recording make traffic.
    if (isRepeated) return
    this.#answered = attempt
    this.#localCid = attempt.localCid
    // A dial proves itself once: a second proof would begin a second session.
    for (const other of this.#attempts) if (other !== attempt) other.dispose()
    for (const message of attempt.proofMessages) this.#context.transmit(message, this.origin)
    this.#repeats = 0
    this.#scheduleRepeat(now)
  }

  #onFinal(attempt: Initiator, bytes: Uint8Array, now: number): void {
    const result = attempt.processFinal(bytes, now)
    if (result === undefined) {
      // Without a reason: the other fragment is still to come.
      if (attempt.lastDrop) this.#context.drop(attempt.lastDrop)
      return
    }
    this.#end('complete')
    this.#context.emit({ type: 'session', run: this, result, packets: this.#packets.splice(0) })
  }

  #scheduleRepeat(now: number): void {
    // spec: STT-HS-29 (a message link loses nothing)
    if (!this.origin.lossy) return
    const delays = this.#answered ? PROOF_DELAYS : HELLO_DELAYS
    const delay = delays[Math.min(this.#repeats++, delays.length - 1)]!
    const [high = 0, low = 0] = this.#context.entropy(2)
    this.#repeatAt = now + delay * (1 + JITTER * (2 * ((high * 256 + low) / 0xffff) - 1))
  }

  #end(state: 'complete' | 'failed'): void {
    this.#state = state
    this.#repeatAt = Number.POSITIVE_INFINITY
    for (const attempt of this.#attempts.splice(0)) attempt.dispose()
    this.#answered = undefined
    if (state === 'failed') this.#packets.length = 0
  }
}

/** Where a dial goes. */
export interface DialTarget<O extends Origin> {
  readonly origin: O
  /** Which of the manager's seeds is used. */
  readonly seedIndex: number
  /** The label that a lossy link's own messages have elsewhere, when that is known: `udp://10.0.0.2:50123`. */
  readonly localAddress?: string | undefined
}

const UNWANTED = {
  wrongPeer: (address: string) =>
    `another node than the one asked for answers at ${address}: check the address and the node id`,
  notPaired: (address: string) => `there is no pairwise secret for the node that answers at ${address}`,
  ownKey: (address: string) =>
    `the node at ${address} is this node itself, or has a copy of its identity: dial the other node's address, and give each node an identity of its own`,
} as const

// spec: STT-HS-29
/** Milliseconds until HELLO is sent again: the first time, and every time after. */
const HELLO_DELAYS: readonly number[] = [500, 1_000]
const PROOF_DELAYS: readonly number[] = [250, 500, 1_000]
const JITTER = 0.1
/** The first and eight with tokens: those of two repetitions at least, longer than an answer takes. */
const MAX_ATTEMPTS = 9
const MAX_KEPT_PACKETS = 16
