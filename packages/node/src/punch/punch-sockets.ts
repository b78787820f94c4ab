import type { Entropy } from '@stt/crypto'
import type { Candidate, Link } from '@stt/frame'
import { decodeBound, encodeBind } from '@stt/rendezvous'
import type { Clock } from '../clock.ts'
import type { Guard } from '../guard.ts'
import type { OwnAddress } from '../own-addresses.ts'
import type { UdpEndpoint } from '../relay/udp-endpoint.ts'
import type { PunchSocket } from './punch-socket.ts'

export interface PunchSocketsConfig {
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

/** The sockets that holes are punched from, one for each family, open while somebody needs them. */
export class PunchSockets {
  readonly #config: PunchSocketsConfig
  #users = 0
  #opening: Promise<ReadonlyMap<4 | 6, PunchSocket>> | undefined
  #sockets: ReadonlyMap<4 | 6, PunchSocket> | undefined
  /** Questions to relays, by their nonce. */
  readonly #asked = new Map<string, { readonly nonce: Uint8Array; readonly settle: (observed: Candidate) => void }>()
  #observed: { readonly candidates: readonly Candidate[]; readonly until: number } | undefined

  constructor(config: PunchSocketsConfig) {
    this.#config = config
  }

  /** @returns what says that they are needed no more */
  use(): () => void {
    this.#users++
    let isUsed = true
    return () => {
      if (isUsed) this.#users--
      isUsed = false
      if (this.#users === 0) void this.close()
    }
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
  }

  /** Ends the sockets, whoever uses them. */
  async close(): Promise<void> {
    const opening = this.#opening
    this.#opening = this.#sockets = this.#observed = undefined
    if (opening) for (const socket of (await opening).values()) await socket.close()
  }

  #open(): Promise<ReadonlyMap<4 | 6, PunchSocket>> {
    this.#opening ??= this.#openAll()
    return this.#opening
  }

  async #openAll(): Promise<ReadonlyMap<4 | 6, PunchSocket>> {
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

  async #askRelays(sockets: ReadonlyMap<4 | 6, PunchSocket>): Promise<readonly Candidate[]> {
    const { clock, endpoints } = this.#config
    if (this.#observed && clock.now() < this.#observed.until) return this.#observed.candidates
    const asked = (await endpoints()).slice(0, MOST_ENDPOINTS).map(endpoint => this.#ask(endpoint, sockets))
    const answers = (await Promise.all(asked)).flatMap(answer => answer ?? [])
    const seen = new Map(answers.map(each => [`${each.address} ${each.port}`, each]))
    const candidates = [...seen.values()]
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
const QUESTIONS: readonly number[] = [300, 500, 700]
/** Milliseconds: a NAT keeps a port for 30 s where nothing passes. */
const OBSERVED_FOR = 20_000
const MOST_ENDPOINTS = 2
