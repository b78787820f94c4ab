import { answerHellos } from '../src/answer-hellos.ts'
import { type HandshakeEvent, HandshakeManager, type HandshakeManagerConfig } from '../src/index.ts'
import { originOf } from './origins.ts'
import { identityOf, limitsOf, seededEntropy, seedKeys } from './support.ts'

/** One node of a test's network. */
export interface TestNode {
  readonly address: string
  readonly manager: HandshakeManager
  readonly events: HandshakeEvent[]
}

export interface Sent {
  readonly at: number
  readonly from: string
  readonly to: string
  readonly bytes: Uint8Array
}

/** Managers that reach each other by address, in virtual time and without delay. */
export class Network {
  now = 1_000
  readonly sent: Sent[] = []
  /** Whether a message arrives. */
  passes: (message: Sent) => boolean = () => true
  readonly #nodes = new Map<string, TestNode>()

  add(address: string, config: Partial<HandshakeManagerConfig> = {}): TestNode {
    const manager = new HandshakeManager({
      seeds: seedKeys(),
      listen: answerHellos,
      identity: identityOf(address),
      entropy: seededEntropy(address),
      limits: limitsOf(1_000_000),
      // Suite 1 unless a test is about the other: virtual hours of handshakes are to take real milliseconds.
      suites: [1],
      ...config,
    })
    const node = { address, manager, events: [] }
    this.#nodes.set(address, node)
    return node
  }

  /** Delivers all messages, until no node has more to send at this time. */
  settle(): void {
    for (let busy = true; busy; ) {
      busy = false
      for (const node of this.#nodes.values()) busy = this.#drain(node) || busy
    }
  }

  /** Lets time pass. */
  advance(milliseconds: number): void {
    const end = this.now + milliseconds
    this.settle()
    for (let next = this.#nextTimeout(); next <= end; next = this.#nextTimeout()) {
      this.now = Math.max(next, this.now)
      this.settle()
    }
    this.now = end
    this.settle()
  }

  /** Hands bytes to a node as if they came from any address. */
  inject(from: string, to: TestNode, bytes: Uint8Array): void {
    to.manager.handleIncoming(originOf(from), bytes.slice(), this.now)
    this.settle()
  }

  #drain(node: TestNode): boolean {
    let busy = false
    for (let output = node.manager.poll(this.now); output.type !== 'timeout'; output = node.manager.poll(this.now)) {
      busy = true
      if (output.type === 'event') {
        node.events.push(output.event)
        continue
      }
      const message = { at: this.now, from: node.address, to: output.to.label, bytes: output.packet }
      this.sent.push(message)
      if (this.passes(message))
        this.#nodes.get(message.to)?.manager.handleIncoming(originOf(node.address), message.bytes, this.now)
    }
    return busy
  }

  #nextTimeout(): number {
    let next = Number.POSITIVE_INFINITY
    for (const { manager } of this.#nodes.values()) {
      const output = manager.poll(this.now)
      if (output.type !== 'timeout') throw new Error('settle() was to drain everything')
      next = Math.min(next, output.at)
    }
    return next
  }
}

/** The handshake type of a message: 0 HELLO … 4 RETRY. */
export function typeOf({ bytes }: Pick<Sent, 'bytes'>): number {
  return bytes[0]! & 0x7f
}

/** The one session that a node got. */
export function sessionOf(node: TestNode): Extract<HandshakeEvent, { type: 'session' }> {
  const sessions = node.events.filter(event => event.type === 'session')
  if (sessions.length !== 1) throw new Error(`${node.address} has ${sessions.length} sessions, not one`)
  return sessions[0]!
}
