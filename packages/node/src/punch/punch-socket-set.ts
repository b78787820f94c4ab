import type { Entropy } from '@stt/crypto'
import type { Candidate, Link } from '@stt/frame'
import { decodeBound, encodeBind, type Mapping, MappingJudge } from '@stt/rendezvous'
import type { OwnAddress } from '../addresses/own-addresses.ts'
import { deferred } from '../queues/deferred.ts'
import type { UdpEndpoint } from '../relay/udp-endpoint.ts'
import { Alarm } from '../time/alarm.ts'
import type { Clock } from '../time/clock.ts'
import type { Guard } from '../time/guard.ts'
import type { PunchSocket } from './punch-socket.ts'

export interface PunchSocketSetConfig {
  readonly clock: Clock
  readonly entropy: Entropy
  readonly guard: Guard
  readonly openSocket: (family: 4 | 6) => Promise<PunchSocket>
  readonly ownAddresses: () => readonly OwnAddress[]
  /** Where relays tell whose packets come from where. */
  readonly endpoints: () => Promise<readonly UdpEndpoint[]>
  /** Takes what came for a session. */
  readonly onPacket: (packet: Uint8Array, link: Link) => void
}

/** Sockets that holes are punched from, one for each family of addresses that this machine has, opened when they are needed. */
export class PunchSocketSet {
  readonly #config: PunchSocketSetConfig
  #opening: Promise<Map<4 | 6, PunchSocket>> | undefined
  #sockets: ReadonlyMap<4 | 6, PunchSocket> | undefined
  /** Questions to relays, by their nonce. */
  readonly #asked = new Map<string, { readonly nonce: Uint8Array; readonly settle: (observed: Candidate) => void }>()
  #observed: { readonly candidates: readonly Candidate[]; readonly until: number } | undefined
  #judge: MappingJudge = new MappingJudge()

  constructor(config: PunchSocketSetConfig) {
    this.#config = config
  }

  /** How the NAT in front of them chooses its ports, as far as the relays' answers show. */
  get mapping(): Mapping {
    return this.#judge.judge(this.#config.clock.now())
  }

  /** Links to an address; undefined where this machine has no way to its family. */
  linksTo(to: { readonly address: string; readonly port: number }): { link: Link; opener: Link } | undefined {
    const socket = this.#sockets?.get(to.address.includes(':') ? 6 : 4)
    return socket && { link: socket.link(to), opener: socket.opener(to) }
  }

  /** Where this machine may be reached: at its own addresses, and where relays see it. */
  async candidates(): Promise<readonly Candidate[]> {
    const sockets = await this.#open()
    const hosts = this.#config.ownAddresses().flatMap(({ address }): Candidate[] => {
      const socket = sockets.get(address.includes(':') ? 6 : 4)
      return socket ? [{ source: 'host', address, port: socket.port }] : []
    })
    const observed = await this.#askRelays(sockets)
    const isHost = ({ address, port }: Candidate): boolean =>
      hosts.some(host => host.address === address && host.port === port)
    return [...observed.filter(each => !isHost(each)), ...hosts]
  }

  /** This machine may be behind another NAT now. */
  forgetObserved(): void {
    this.#observed = undefined
    this.#judge = new MappingJudge()
  }

  async close(): Promise<void> {
    const opening = this.#opening
    this.#opening = this.#sockets = undefined
    this.forgetObserved()
    if (opening === undefined) return
    const sockets = await opening
    const open = [...sockets.values()]
    // Who waits meanwhile for something else finds none in it.
    sockets.clear()
    for (const socket of open) await socket.close()
  }

  #open(): Promise<Map<4 | 6, PunchSocket>> {
    this.#opening ??= this.#openAll()
    return this.#opening
  }

  async #openAll(): Promise<Map<4 | 6, PunchSocket>> {
    const { openSocket, ownAddresses } = this.#config
    const families = new Set(ownAddresses().map(({ address }): 4 | 6 => (address.includes(':') ? 6 : 4)))
    const sockets = new Map<4 | 6, PunchSocket>()
    for (const family of families) {
      try {
        const socket = await openSocket(family)
        socket.onPacket = this.#config.guard.wrap((packet: Uint8Array, link: Link) => this.#onPacket(packet, link))
        sockets.set(family, socket)
      } catch {
        // Without this family holes are punched by the other, or not at all: the session has a way already.
      }
    }
    this.#sockets = sockets
    return sockets
  }

  #onPacket(packet: Uint8Array, link: Link): void {
    // spec: STT-RLY-24
    if (packet[0]! >>> 6 !== 0b11) return this.#config.onPacket(packet, link)
    for (const { nonce, settle } of this.#asked.values()) {
      const observed = decodeBound(packet, nonce)
      if (observed) settle(observed)
    }
  }

  /** The first answer is enough; further ones shortly after it tell more about the NAT. */
  async #askRelays(sockets: ReadonlyMap<4 | 6, PunchSocket>): Promise<readonly Candidate[]> {
    const { clock, endpoints, guard } = this.#config
    if (this.#observed && clock.now() < this.#observed.until) return this.#observed.candidates
    const answers: Candidate[] = []
    const enough = deferred<void>()
    const alarm = new Alarm(
      clock,
      guard.wrap(() => enough.resolve()),
    )
    const judge = this.#judge
    const asked = (await endpoints()).slice(0, MOST_ENDPOINTS).map(async endpoint => {
      judge.asked(clock.now())
      const observed = await this.#ask(endpoint, sockets)
      if (!observed) return
      judge.answered(endpoint.address, endpoint.port, observed, clock.now())
      if (answers.push(observed) === 1) alarm.set(clock.now() + FOR_MORE_ANSWERS)
    })
    await Promise.race([Promise.all(asked), enough.promise])
    alarm.cancel()
    const seen = new Map(answers.map(each => [`${each.address} ${each.port}`, each]))
    const candidates = [...seen.values()].slice(0, MOST_OBSERVED)
    if (candidates.length > 0) this.#observed = { candidates, until: clock.now() + OBSERVED_FOR }
    return candidates
  }

  /** Asks one relay, again where the question or the answer may be lost. */
  #ask({ address, port }: UdpEndpoint, sockets: ReadonlyMap<4 | 6, PunchSocket>): Promise<Candidate | undefined> {
    const { clock, entropy } = this.#config
    const link = sockets.get(address.includes(':') ? 6 : 4)?.link({ address, port })
    if (!link) return Promise.resolve(undefined)
    return new Promise(resolve => {
      const nonce = entropy(8)
      const key = String(nonce)
      let tries = 0
      let timer: unknown
      const settle = (observed: Candidate | undefined): void => {
        clock.clearTimer(timer)
        this.#asked.delete(key)
        resolve(observed)
      }
      const ask = (): void => {
        if (tries === QUESTIONS.length) return settle(undefined)
        timer = clock.setTimer(ask, QUESTIONS[tries++]!)
        link.send(encodeBind(nonce))
      }
      this.#asked.set(key, { nonce, settle })
      ask()
    })
  }
}

/** Milliseconds for which an answer is waited for, each time. */
const QUESTIONS: readonly number[] = [150, 250, 400, 700]
/** Milliseconds after the first answer. */
const FOR_MORE_ANSWERS = 100
/** Milliseconds: a NAT keeps a port for 30 s where nothing passes. */
const OBSERVED_FOR = 20_000
const MOST_ENDPOINTS = 3
/** Two that differ show a peer that the NAT takes another port for everybody. */
const MOST_OBSERVED = 2
