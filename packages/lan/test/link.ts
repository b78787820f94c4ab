import { Seed } from '@stt/crypto'
import { LanAgent, type LanAgentOptions, type LanEvent, MDNS_PORT } from '../src/lan-agent.ts'

/** Random bytes that are the same in each run. */
export function seeded(seed: number): (length: number) => Uint8Array<ArrayBuffer> {
  let state = seed
  return length =>
    Uint8Array.from({ length }, () => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
      return state >>> 16
    })
}

export const seedOf = (fill: number): Seed => Seed.fromBytes(Uint8Array.from({ length: 32 }, (_, i) => i ^ fill))

/** A link in virtual time: all that is said to the group reaches everybody on it, the speaker too. */
export class VirtualLink {
  readonly stations: Station[] = []
  /** Every packet that was said, with who said it. */
  readonly said: { readonly from: string; readonly packet: Uint8Array; readonly at: number }[] = []
  /** Drops all packets, as a firewall does. */
  isSilent = false
  now = 0
  unix = 1_782_000_000

  /** @param skew of the options: seconds by which its clock is ahead */
  station(options: Partial<LanAgentOptions> & { readonly seed?: Seed; readonly skew?: number } = {}): Station {
    const number = this.stations.length + 1
    const { seed = seedOf(0), skew = 0, ...given } = options
    const station = new Station(this, `192.168.7.${number}`, skew, {
      id: new Uint8Array(32).fill(number),
      keys: () => [seed.deriveRendezvousKeys().lan],
      address: `192.168.7.${number}`,
      ports: () => ({ udp: 4_000 + number, ws: 5_000 + number }),
      answers: true,
      entropy: seeded(number),
      ...given,
    })
    this.stations.push(station)
    return station
  }

  /** Sends a packet to all. */
  say(packet: Uint8Array, from = '192.168.7.99', port: number = MDNS_PORT): void {
    this.said.push({ from, packet, at: this.now })
    if (this.isSilent) return
    for (const { agent, seconds } of this.stations) agent.receive(packet, { address: from, port }, this.now, seconds)
  }

  get seconds(): number {
    return this.unix + Math.floor(this.now / 1_000)
  }

  drain(): number {
    let next = Number.POSITIVE_INFINITY
    for (let isBusy = true; isBusy; ) {
      isBusy = false
      next = Number.POSITIVE_INFINITY
      for (const station of this.stations) {
        const at = station.poll()
        if (at === undefined) isBusy = true
        else next = Math.min(next, at)
      }
    }
    return next
  }

  advance(milliseconds: number): void {
    const end = this.now + milliseconds
    for (let at = this.drain(); at <= end; at = this.drain()) this.now = Math.max(this.now, at)
    this.now = end
    this.drain()
  }
}

export class Station {
  readonly agent: LanAgent
  readonly events: LanEvent[] = []
  /** The packets that it sent to one asker. */
  readonly replies: {
    readonly packet: Uint8Array
    readonly to: { readonly address: string; readonly port: number }
  }[] = []
  readonly #link: VirtualLink
  readonly #address: string
  readonly #skew: number

  constructor(link: VirtualLink, address: string, skew: number, options: LanAgentOptions) {
    this.#link = link
    this.#address = address
    this.#skew = skew
    this.agent = new LanAgent(options)
  }

  /** The time of day by its own clock. */
  get seconds(): number {
    return this.#link.seconds + this.#skew
  }

  /** Ids that were seen, by what they are filled with, in order and once for each time. */
  get seen(): number[] {
    return this.events.flatMap(each => (each.type === 'seen' ? [each.id[0]!] : []))
  }

  announce(): void {
    this.agent.announce(this.#link.now)
    this.#link.drain()
  }

  watch(): void {
    this.agent.watch(this.#link.now)
    this.#link.drain()
  }

  /** @returns when it is to be asked again; undefined: it did something */
  poll(): number | undefined {
    const output = this.agent.poll(this.#link.now, this.seconds)
    if (output.type === 'timeout') return output.at
    if (output.type === 'event') this.events.push(output.event)
    else if (output.to === 'group') this.#link.say(output.packet, this.#address)
    else this.replies.push({ packet: output.packet, to: output.to })
    return undefined
  }
}
