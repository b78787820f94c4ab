import { randomBytes } from '@stt/crypto'
import type { Link } from '@stt/frame'
import {
  FinalStatus,
  type HandshakeResult,
  isHandshake,
  MessageType,
  parseHandshakeHeader,
  Responder,
} from '@stt/handshake'
import { now } from './alarm.ts'
import type { NodeContext } from './node-context.ts'

/** A link that a listener accepted; `confirm` says that its other end has proved itself. */
export interface AcceptedLink extends Link {
  confirm(): void
}

/** Runs the listening side of one handshake over a message link. */
export class Acceptor {
  readonly #link: AcceptedLink
  readonly #context: NodeContext
  readonly #onSession: (result: HandshakeResult, link: AcceptedLink) => void
  readonly #admits: () => boolean
  readonly #responder: Responder

  /**
   * @param admits whether there is room for one more session
   * @param onSession takes the link over
   */
  constructor(
    link: AcceptedLink,
    context: NodeContext,
    admits: () => boolean,
    onSession: (result: HandshakeResult, link: AcceptedLink) => void,
  ) {
    this.#link = link
    this.#context = context
    this.#admits = admits
    this.#onSession = onSession
    this.#responder = new Responder({
      keys: context.keys,
      identity: context.identity,
      entropy: randomBytes,
      limits: context.transportLimits,
      metadata: context.metadata,
      localCid: context.newConnectionId(),
      datagram: false,
      timeout: context.limits.handshakeTimeout,
    })
    link.onPacket = packet => this.#receive(packet)
  }

  /** Ends the run: its link is gone, or its time. */
  dispose(): void {
    this.#responder.dispose()
    if (!this.#responder.result) this.#context.releaseConnectionId(this.#responder.localCid)
  }

  #receive(packet: Uint8Array): void {
    if (!isHandshake(packet)) {
      this.#context.counters.unexpected++
      return
    }
    const type = parseHandshakeHeader(packet)?.type
    if (type === MessageType.AuthProof) return this.#onProof(packet)
    const response = this.#responder.processHello(packet, now())
    this.#countDrop()
    if (!response) return
    // Who holds the seed has until the handshake's own deadline; who does not is closed sooner.
    this.#link.confirm()
    this.#link.send(response)
  }

  #onProof(packet: Uint8Array): void {
    const peer = this.#responder.openProof(packet, now())
    this.#countDrop()
    if (!peer) return
    const status = this.#admits() ? FinalStatus.Accepted : FinalStatus.Busy
    this.#link.send(this.#responder.createFinal(status))
    const { result } = this.#responder
    if (!result) {
      this.#context.counters.refused++
      return this.#link.close()
    }
    this.#context.counters.accepted++
    this.#onSession(result, this.#link)
  }

  #countDrop(): void {
    const { lastDrop } = this.#responder
    if (lastDrop) this.#context.counters[lastDrop]++
  }
}
