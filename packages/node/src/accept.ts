import {
  FinalStatus,
  type HandshakeResult,
  isHandshake,
  MessageType,
  parseHandshakeHeader,
  Responder,
} from '@stt/handshake'
import type { NodeContext } from './node-context.ts'

/** Runs the listening side of one handshake: messages in, answers out. */
export class Acceptor {
  readonly #context: NodeContext
  readonly #responder: Responder
  #refused = false

  /** @param datagram whether the link carries datagrams: messages may then be lost, repeated and split */
  constructor(context: NodeContext, datagram: boolean) {
    this.#context = context
    this.#responder = new Responder({
      keys: context.keys,
      identity: context.identity,
      entropy: context.entropy,
      limits: context.transportLimits,
      metadata: context.metadata,
      localCid: context.newConnectionId(),
      datagram,
      timeout: context.limits.handshakeTimeout,
    })
  }

  /** Own connection id, 8 bytes: what AUTH_PROOF names. */
  get localCid(): Uint8Array {
    return this.#responder.localCid
  }

  /** Whether a HELLO was accepted. */
  get started(): boolean {
    return this.#responder.started
  }

  /** Set once the peer was accepted: after the answer that says so. */
  get result(): HandshakeResult | undefined {
    return this.#responder.result
  }

  /** Whether the peer was told that it is not wanted. */
  get refused(): boolean {
    return this.#refused
  }

  /** @returns what to send back; `undefined`: silence */
  receive(packet: Uint8Array): Uint8Array | undefined {
    if (!isHandshake(packet)) {
      this.#context.counters.unexpected++
      return undefined
    }
    const isProof = parseHandshakeHeader(packet)?.type === MessageType.AuthProof
    const answer = isProof ? this.#onProof(packet) : this.#responder.processHello(packet, this.#context.clock.now())
    const { lastDrop } = this.#responder
    if (lastDrop) this.#context.counters[lastDrop]++
    return answer
  }

  /** Ends the run. What the peer was told stays known, so that it can be repeated. */
  dispose(): void {
    this.#responder.dispose()
    if (!this.result) this.#context.releaseConnectionId(this.localCid)
  }

  #onProof(packet: Uint8Array): Uint8Array | undefined {
    const { counters, admits } = this.#context
    // Answered already: the answer was lost, and comes again.
    if (this.result || this.#refused) return this.#responder.repeatFinal(packet, this.#context.clock.now())
    if (!this.#responder.openProof(packet, this.#context.clock.now())) return undefined
    const accepted = admits()
    this.#refused = !accepted
    counters[accepted ? 'accepted' : 'refused']++
    return this.#responder.createFinal(accepted ? FinalStatus.Accepted : FinalStatus.Busy)
  }
}
