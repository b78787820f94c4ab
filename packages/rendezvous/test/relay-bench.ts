import { decodeMessage } from '../src/messages/decode.ts'
import { encodeAccept, encodeDial, encodeListen, encodePing, encodePong } from '../src/messages/encode.ts'
import type { MailboxClaim, RelayMessage } from '../src/messages/message.ts'
import type { Circuit } from '../src/server/circuit.ts'
import { type InstanceEvent, type LegOrigin, RelayEngine, type RelayEngineOptions } from '../src/server/relay-engine.ts'
import { AUTHORITY, BenchLeg } from './bench-leg.ts'
import { counting, seeded } from './bytes.ts'

/** A relay's engine in virtual time, and its connections in a test's hands. */
export class RelayBench {
  readonly engine: RelayEngine<Client>
  now = 1_000
  /** Events for other instances, in order. */
  readonly told: InstanceEvent<Client>[] = []

  constructor(options: Partial<RelayEngineOptions> = {}) {
    this.engine = new RelayEngine({ entropy: seeded(), authorities: [AUTHORITY], ...options })
  }

  /** Opens a connection, by default from a new address. */
  open(origin: LegOrigin = { address: `192.0.2.${++this.#clients}` }): Client {
    const client = new Client(this)
    this.engine.opened(client, origin, this.now, 1_782_000_000)
    this.drain()
    return client
  }

  /** A node that listens under `mailbox`. */
  listener(mailbox: Uint8Array, token: Uint8Array = counting(1, 16), origin?: LegOrigin): Client {
    const client = this.open(origin)
    client.listen([{ mailbox, token }])
    return client
  }

  /** A circuit to a listener: the two ends of it. */
  circuit(listener: Client, mailbox: Uint8Array, origin?: LegOrigin): { dialer: Client; acceptor: Client } {
    const dialer = this.open(origin)
    dialer.dial([mailbox])
    const acceptor = this.open()
    acceptor.accept(listener.lastTicket)
    return { dialer, acceptor }
  }

  advance(milliseconds: number): void {
    const end = this.now + milliseconds
    for (;;) {
      const at = this.drain()
      if (at > end) break
      this.now = Math.max(this.now, at)
    }
    this.now = end
    this.drain()
  }

  /** @returns when the engine wants to be asked again */
  drain(): number {
    for (;;) {
      const output = this.engine.poll(this.now)
      if (output.type === 'timeout') return output.at
      if (output.type === 'transmit') output.to.received.push(decodeMessage(output.packet))
      else if (output.event.type === 'proved') output.event.link.isProved = true
      else if (output.event.type === 'close') {
        output.event.link.closed = output.event.code
        output.event.link.closeReason = output.event.reason
      } else if (output.event.type !== 'spliced') this.told.push(output.event)
      else
        for (const each of [output.event.circuit.dialer, output.event.circuit.acceptor])
          each.circuit = output.event.circuit
    }
  }

  #clients = 0
}

export class Client extends BenchLeg<RelayMessage> {
  closeReason: string | undefined
  circuit: Circuit<Client> | undefined
  readonly #bench: RelayBench

  constructor(bench: RelayBench) {
    super()
    this.#bench = bench
  }

  get lastTicket(): Uint8Array {
    const message = this.received.findLast(({ type }) => type === 'incoming')
    if (message?.type !== 'incoming') throw new Error('nobody dialed')
    return message.ticket
  }

  send(bytes: Uint8Array): void {
    this.#bench.engine.receive(this, bytes, this.#bench.now)
    this.#bench.drain()
  }

  listen(claims: readonly MailboxClaim[], access?: Uint8Array): void {
    this.send(encodeListen(claims, this.prove(access)))
  }

  dial(mailboxes: readonly Uint8Array[], access?: Uint8Array): void {
    this.send(encodeDial(mailboxes, this.prove(access)))
  }

  accept(ticket: Uint8Array): void {
    this.send(encodeAccept(ticket))
  }

  ping(): void {
    this.send(encodePing(counting(9, 8)))
  }

  /** Answers what the relay asked last. */
  pong(): void {
    const ping = this.received.findLast(({ type }) => type === 'ping')
    if (ping?.type === 'ping') this.send(encodePong(ping.data))
  }

  /** Its connection ends. @param busy the limit that leaves no place at its end */
  end(busy?: string): void {
    this.#bench.engine.closed(this, this.#bench.now, busy)
    this.#bench.drain()
  }
}
