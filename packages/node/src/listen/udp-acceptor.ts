import type { Link } from '@stt/frame'
import type { HandshakeResult, HandshakeRun } from '@stt/handshake'
import type { UdpListener } from '@stt/transport-udp'
import { budgetPrefix } from '../addresses/address-prefix.ts'
import type { HandshakeOrigin, HandshakeParty } from '../core/handshakes.ts'
import type { NodeContext } from '../core/node-context.ts'
import type { Acceptor } from './acceptor.ts'

/** Accepts many peers on one socket without any state for each. */
export function openUdpAcceptor(listener: UdpListener, context: NodeContext): Acceptor {
  let isClosed = false
  const originOf = (link: Link): HandshakeOrigin => new UdpOrigin(link, context, () => isClosed)
  listener.onPacket = context.guard.wrap((packet: Uint8Array, link: Link) => {
    context.endpoint.receive(packet, link, originOf)
  })
  return {
    address: listener.address,
    close() {
      isClosed = true
      return listener.close()
    },
  }
}

/** Where one datagram came from: all that is known of it, and kept for as long as its handshake. */
class UdpOrigin implements HandshakeOrigin, HandshakeParty {
  readonly lossy = true
  readonly proved = false
  readonly #link: Link
  readonly #context: NodeContext
  readonly #isClosed: () => boolean
  #label: string | undefined

  constructor(link: Link, context: NodeContext, isClosed: () => boolean) {
    this.#link = link
    this.#context = context
    this.#isClosed = isClosed
  }

  /** Made when it is asked for, like `prefix`: most of what comes is dropped before. */
  get label(): string {
    return (this.#label ??= this.#link.remote)
  }

  get prefix(): string {
    return budgetPrefix(this.label)
  }

  get party(): HandshakeParty | undefined {
    return this.#isClosed() ? undefined : this
  }

  send(message: Uint8Array): void {
    this.#link.send(message)
  }

  onSession(result: HandshakeResult, run: HandshakeRun, packets: readonly Uint8Array[]): void {
    this.#context.announce(this.#context.open(result, run, this.#link, packets))
  }

  onFailed(): void {}
}
