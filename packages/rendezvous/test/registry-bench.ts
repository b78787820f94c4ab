import { decodeRegistryMessage } from '../src/registry/decode.ts'
import { encodeGet, encodePut } from '../src/registry/encode.ts'
import type { RegistryEntry, RegistryMessage } from '../src/registry/message.ts'
import { RegistryEngine, type RegistryEvent } from '../src/server/registry-engine.ts'
import type { LegOrigin, RelayEngineOptions } from '../src/server/relay-engine.ts'
import { AUTHORITY, BenchLeg } from './bench-leg.ts'
import { counting, seeded } from './bytes.ts'

/** A registry in virtual time, and its connections in a test's hands. */
export class RegistryBench {
  readonly engine: RegistryEngine<RegistryUser>
  now = 1_000
  /** Events for other instances, in order. */
  readonly told: Extract<RegistryEvent<RegistryUser>, { type: 'puts' | 'gets' }>[] = []
  #users = 0

  constructor(options: Partial<RelayEngineOptions> = {}) {
    this.engine = new RegistryEngine({ entropy: seeded(), authorities: [AUTHORITY], ...options })
  }

  /** Opens a connection, by default from a new address. */
  open(origin: LegOrigin = { address: `192.0.2.${++this.#users}` }): RegistryUser {
    const user = new RegistryUser(this)
    this.engine.opened(user, origin, this.now, 1_782_000_000)
    this.drain()
    return user
  }

  advance(milliseconds: number): void {
    const end = this.now + milliseconds
    for (let at = this.drain(); at <= end; at = this.drain()) this.now = Math.max(this.now, at)
    this.now = end
    this.drain()
  }

  /** @returns when the engine wants to be asked again */
  drain(): number {
    for (;;) {
      const output = this.engine.poll(this.now)
      if (output.type === 'timeout') return output.at
      if (output.type === 'transmit') output.to.received.push(decodeRegistryMessage(output.packet))
      else if (output.event.type === 'proved') output.event.link.isProved = true
      else if (output.event.type === 'close') output.event.link.closed = output.event.code
      else this.told.push(output.event)
    }
  }
}

export class RegistryUser extends BenchLeg<RegistryMessage> {
  readonly #bench: RegistryBench

  constructor(bench: RegistryBench) {
    super()
    this.#bench = bench
  }

  send(bytes: Uint8Array): void {
    this.#bench.engine.receive(this, bytes, this.#bench.now)
    this.#bench.drain()
  }

  /** Puts a record of `size` bytes, all of them `fill`. */
  put(topic: Uint8Array, token: Uint8Array, { ttl = 150, fill = 1, size = 544, access }: PutOptions = {}): string {
    const blob = ttl === 0 ? new Uint8Array(0) : new Uint8Array(size).fill(fill)
    this.send(encodePut({ topic, token, ttl, blob }, this.prove(access)))
    return this.heard.at(-1)!
  }

  /** The records of a topic. */
  get(topic: Uint8Array, access?: Uint8Array): RegistryEntry[] {
    const before = this.received.length
    this.send(encodeGet(topic, this.prove(access)))
    return this.received.slice(before).flatMap(each => (each.type === 'records' ? each.entries : []))
  }

  end(): void {
    this.#bench.engine.closed(this, this.#bench.now)
    this.#bench.drain()
  }
}

interface PutOptions {
  readonly ttl?: number
  readonly fill?: number
  readonly size?: number
  readonly access?: Uint8Array
}

export const topicOf = (number: number): Uint8Array => counting(number, 32)
export const tokenOf = (number: number): Uint8Array => Uint8Array.of(number >>> 8, number, ...counting(50, 14))
