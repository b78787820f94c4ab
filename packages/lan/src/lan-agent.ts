import { Buffer } from 'node:buffer'
import { type Entropy, equalBytes, toBase32 } from '@stt/crypto'
import { Fifo, type Output } from '@stt/frame'
import { hoursAt } from '@stt/rendezvous'
import { type Answer, decode, encode, type Packet, type Question } from 'dns-packet'
import { lanTag, openLanPeer, sealLanPeer } from './lan-names.ts'
import { SourceBudgets } from './source-budgets.ts'

/** Ports at which a node can be dialed at one of its addresses. */
export interface LanPorts {
  /** UDP port; 0 if there is none. */
  readonly udp: number
  /** WebSocket port; 0 if there is none. */
  readonly ws: number
}

/** Options of a `LanAgent`. */
export interface LanAgentOptions {
  /** The node's own id, 32 bytes. */
  readonly id: Uint8Array
  /** `lan` of the rendezvous keys of its seeds; the seed that the node dials with comes first. */
  readonly keys: () => readonly Uint8Array[]
  /** The interface's IP address without a zone. */
  readonly address: string
  /** Ports at which others can dial the node at that address. */
  readonly ports: () => LanPorts
  /** Whether it receives questions; false if another program holds the mDNS port exclusively. */
  readonly answers: boolean
  readonly entropy: Entropy
}

export type LanEvent =
  /** A node of the seed is there; `ttl` in milliseconds. */
  | {
      readonly type: 'seen'
      readonly id: Uint8Array
      readonly address: string
      readonly ports: LanPorts
      readonly ttl: number
    }
  /** A node says that it closes. */
  | { readonly type: 'gone'; readonly id: Uint8Array }
  /** No packet arrived since it first sent one, not even its own: something on this machine blocks them. */
  | { readonly type: 'deaf' }

/** Whose mDNS packets arrived, about anything: those of another machine, those of this address only, or none. */
export type Hearing = 'others' | 'itself' | 'nothing'

/** The whole link, or one program that asked from a port other than that of mDNS. */
export type LanTarget = 'group' | { readonly address: string; readonly port: number }

/** Counters since the start. */
export interface LanStatistics {
  /** Packets about STT. */
  readonly received: number
  /** Packets about STT that were malformed, too large, or over the budget. */
  readonly dropped: number
  /** Answers under a name of the seed whose id no holder of the seed had sealed for their source. */
  readonly wrong: number
}

/**
 * The mDNS of one node on one interface: it announces the node, answers questions for the seed, and asks. Has no socket and no
 * clock; times are in milliseconds, except `unixSeconds`, the time of day.
 */
export class LanAgent {
  readonly #options: LanAgentOptions
  readonly #outputs = new Fifo<Output<LanEvent, LanTarget>>()
  /** The announced names by tag. Each seed and hour has its own, so that an observer cannot link them. */
  #own = new Map<string, OwnName>()
  #hour = -1
  readonly #budgets = new SourceBudgets(MOST_PER_SOURCE, MOST_PER_SECOND)
  readonly #replies = new SourceBudgets(REPLIES_PER_SOURCE, REPLIES_PER_SECOND)
  #askAt = Number.POSITIVE_INFINITY
  #asks = 0
  #announceAt = Number.POSITIVE_INFINITY
  #announcements = 0
  #answerAt = Number.POSITIVE_INFINITY
  readonly #toAnswer = new Set<string>()
  readonly #counts = { received: 0, dropped: 0, wrong: 0 }
  #hearing: Hearing = 'nothing'
  /** When it should have received its own packet; undefined before it has sent one. */
  #deafAt: number | undefined

  constructor(options: LanAgentOptions) {
    this.#options = options
  }

  getStatistics(): LanStatistics {
    return { ...this.#counts }
  }

  /** Whose packets arrived so far. */
  get heard(): Hearing {
    return this.#hearing
  }

  /** Announces the node, or that its ports have changed. */
  announce(now: number): void {
    this.#announcements = 0
    this.#announceAt = this.#options.answers ? now : Number.POSITIVE_INFINITY
  }

  /** Asks for other nodes: at once, after 1, 3 and 20 s, then every 60 s. */
  // spec: STT-LAN-5
  watch(now: number): void {
    this.#asks = 0
    this.#askAt = now
  }

  unwatch(): void {
    this.#askAt = Number.POSITIVE_INFINITY
  }

  /** Announces under the names of other seeds: `keys` has changed. */
  keysReplaced(now: number): void {
    this.#hour = -1
    this.#own = new Map()
    this.announce(now)
  }

  /** Tells others that the node closes. */
  // spec: STT-LAN-4
  stop(): void {
    if (this.#options.answers && this.#announcements > 0) this.#sayAll(this.#own.keys(), 0)
    this.#announceAt = this.#askAt = this.#answerAt = this.#deafAt = Number.POSITIVE_INFINITY
  }

  /**
   * Reads one packet.
   *
   * @param from the source, without a zone; the driver has checked that it is in the network of the interface
   */
  receive(
    bytes: Uint8Array,
    from: { readonly address: string; readonly port: number },
    now: number,
    unixSeconds: number,
  ): void {
    if (from.address !== this.#options.address) this.#hearing = 'others'
    else if (this.#hearing === 'nothing') this.#hearing = 'itself'
    const packet = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    // Most mDNS packets on a link are about other services.
    if (!packet.includes(SERVICE_LABELS)) return
    this.#counts.received++
    // spec: STT-LAN-6
    if (bytes.length > LARGEST || !this.#budgets.take(from.address, now)) {
      this.#counts.dropped++
      return
    }
    this.#refresh(now, unixSeconds)
    let message: Packet
    try {
      message = decode(packet) as Packet
    } catch {
      // Any machine on the link can send anything.
      this.#counts.dropped++
      return
    }
    if (message.type === 'response') this.#heard(message, from.address, unixSeconds)
    else if (this.#options.answers) this.#asked(message, from, now)
  }

  poll(now: number, unixSeconds: number): Output<LanEvent, LanTarget> {
    this.#refresh(now, unixSeconds)
    if (now >= this.#announceAt) this.#announce(now)
    if (now >= this.#askAt) this.#ask(now, unixSeconds)
    if (now >= this.#answerAt) this.#answer()
    if (this.#deafAt !== undefined && now >= this.#deafAt) this.#judgeHearing()
    const output = this.#outputs.shift()
    if (output?.type === 'transmit' && output.to === 'group' && this.#options.answers)
      this.#deafAt ??= now + HEARS_WITHIN
    const { POSITIVE_INFINITY: never } = Number
    const at = Math.min(this.#announceAt, this.#askAt, this.#answerAt, this.#deafAt ?? never)
    return output ?? { type: 'timeout', at }
  }

  // spec: STT-LAN-9
  #judgeHearing(): void {
    this.#deafAt = Number.POSITIVE_INFINITY
    if (this.#hearing === 'nothing') this.#event({ type: 'deaf' })
  }

  /** Makes the names of a new hour. The driver polls at least once a minute. */
  // spec: STT-LAN-1 STT-LAN-3
  #refresh(now: number, unixSeconds: number): void {
    const hours = hoursAt(unixSeconds)
    if (hours[0] === this.#hour) return
    const isFirst = this.#hour === -1
    this.#hour = hours[0]
    const before = this.#own
    this.#own = new Map()
    for (const lan of this.#options.keys().slice(0, MOST_SEEDS)) {
      for (const hour of hours) {
        const tag = lanTag(lan, hour)
        this.#own.set(tag, before.get(tag) ?? { lan, hour, instance: this.#randomName(), host: this.#randomName() })
      }
    }
    if (!isFirst && this.#announceAt === Number.POSITIVE_INFINITY && this.#announcements > 0) this.announce(now)
  }

  #announce(now: number): void {
    this.#sayAll(this.#own.keys(), TTL)
    this.#announcements++
    // Twice, as the first may be lost, and then every minute for caches that have forgotten it.
    this.#announceAt = now + (this.#announcements < 2 ? 1_000 : ANNOUNCE_INTERVAL)
  }

  #ask(now: number, unixSeconds: number): void {
    const hours = hoursAt(unixSeconds)
    const tags = this.#options
      .keys()
      .slice(0, MOST_SEEDS)
      .flatMap(lan => hours.map(hour => lanTag(lan, hour)))
    const questions = tags.map((tag): Question => ({ type: 'PTR', class: 'IN', name: subtype(tag) }))
    if (questions.length > 0) this.#transmit({ type: 'query', questions }, 'group')
    this.#askAt = now + (FIRST_PAUSES[this.#asks++] ?? ASK_INTERVAL)
  }

  /** Answers only questions for a name of the seed, so that a node does not reveal to others that it speaks STT. */
  // spec: STT-LAN-3
  #asked({ id, questions = [] }: Packet, from: { readonly address: string; readonly port: number }, now: number): void {
    const wanted = new Map<string, Question>()
    for (const question of questions.slice(0, MOST_QUESTIONS)) {
      const tag = question.type === 'PTR' ? tagIn(question.name) : undefined
      if (tag !== undefined && this.#own.has(tag)) wanted.set(tag, question)
    }
    if (wanted.size === 0) return
    if (from.port !== MDNS_PORT) {
      // RFC 6762 §6.7: such a program receives no group and matches an answer by its question. spec: STT-LAN-6
      const asked = { id: id ?? 0, questions: [...wanted.values()] }
      if (this.#replies.take(from.address, now)) this.#sayAll(wanted.keys(), LEGACY_TTL, from, asked)
      return
    }
    for (const tag of wanted.keys()) this.#toAnswer.add(tag)
    // One answer serves all questions of a moment, whose length differs on each node.
    if (this.#answerAt === Number.POSITIVE_INFINITY)
      this.#answerAt = now + ANSWER_AFTER + (this.#options.entropy(1)[0]! % ANSWER_SPREAD)
  }

  #answer(): void {
    this.#answerAt = Number.POSITIVE_INFINITY
    this.#sayAll(this.#toAnswer, TTL)
    this.#toAnswer.clear()
  }

  // spec: STT-LAN-2 STT-LAN-4
  #sayAll(
    tags: Iterable<string>,
    ttl: number,
    to: LanTarget = 'group',
    asked: Pick<Packet, 'id' | 'questions'> = {},
  ): void {
    const { id, address, ports } = this.#options
    const { udp, ws } = ports()
    if (udp === 0 && ws === 0) return
    const isGroup = to === 'group'
    const answers: Answer[] = []
    const additionals: Answer[] = []
    for (const tag of tags) {
      const own = this.#own.get(tag)
      if (!own) continue
      const { lan, hour, instance, host } = own
      const name = `${instance}.${SERVICE}`
      const target = `${host}.local`
      const sealed = sealLanPeer(lan, { hour, instance, udp, ws, address }, id)
      answers.push({ type: 'PTR', name: subtype(tag), ttl, data: name })
      additionals.push(
        { type: 'SRV', name, ttl, flush: isGroup, data: { port: udp, target } },
        {
          type: 'TXT',
          name,
          ttl,
          flush: isGroup,
          data: [VERSION, Buffer.from(`w=${ws}`), Buffer.concat([SEALED, sealed])],
        },
        { type: address.includes(':') ? 'AAAA' : 'A', name: target, ttl, flush: isGroup, data: address },
      )
    }
    if (answers.length > 0)
      this.#transmit({ type: 'response', flags: AUTHORITATIVE, ...asked, answers, additionals }, to)
  }

  /** The address is the source of the packet, so an answer cannot point at another machine. */
  // spec: STT-LAN-2 STT-LAN-7
  #heard({ answers = [], additionals = [] }: Packet, address: string, unixSeconds: number): void {
    const records = [...answers, ...additionals].slice(0, MOST_RECORDS)
    const hours = hoursAt(unixSeconds)
    for (const answer of records) {
      if (answer.type !== 'PTR') continue
      const tag = tagIn(answer.name)
      const own = tag === undefined ? undefined : this.#own.get(tag)
      const instance = instanceIn(answer.data)
      if (!own || instance === undefined || instance === own.instance || !hours.includes(own.hour)) continue
      const said = readInstance(records, answer.data.toLowerCase())
      const id = said && openLanPeer(own.lan, { hour: own.hour, instance, address, ...said.ports }, said.sealed)
      if (!said || !id) this.#counts.wrong++
      else if (equalBytes(id, this.#options.id)) continue
      else if (answer.ttl === 0) this.#event({ type: 'gone', id })
      else this.#event({ type: 'seen', id, address, ports: said.ports, ttl: Math.min(answer.ttl ?? TTL, TTL) * 1_000 })
    }
  }

  #randomName(): string {
    return toBase32(this.#options.entropy(INSTANCE_BYTES))
  }

  #transmit(packet: Packet, to: LanTarget): void {
    this.#outputs.push({ type: 'transmit', packet: encode(packet), to })
  }

  #event(event: LanEvent): void {
    this.#outputs.push({ type: 'event', event })
  }
}

interface OwnName {
  readonly lan: Uint8Array
  readonly hour: number
  readonly instance: string
  readonly host: string
}

/** The ports and the sealed id of one instance in an answer; undefined unless all are there. */
function readInstance(
  records: readonly Answer[],
  name: string,
): { readonly ports: LanPorts; readonly sealed: Uint8Array } | undefined {
  let udp: number | undefined
  let ws: number | undefined
  let sealed: Uint8Array | undefined
  for (const record of records) {
    if (!('name' in record) || record.name.toLowerCase() !== name) continue
    if (record.type === 'SRV') udp = record.data.port
    if (record.type !== 'TXT') continue
    for (const entry of [record.data].flat()) {
      const bytes = typeof entry === 'string' ? Buffer.from(entry, 'latin1') : entry
      const text = bytes.toString('latin1')
      if (/^w=\d{1,5}$/.test(text)) ws = Number(text.slice(2))
      else if (text.startsWith('m=')) sealed = Uint8Array.from(bytes.subarray(2))
    }
  }
  if (udp === undefined || ws === undefined || ws > 65_535 || !sealed || (udp === 0 && ws === 0)) return undefined
  return { ports: { udp, ws }, sealed }
}

const subtype = (tag: string): string => `_${tag}._sub.${SERVICE}`

/** DNS names are compared without regard to case. */
const tagIn = (name: string): string | undefined => TAG_NAME.exec(name.toLowerCase())?.[1]

const instanceIn = (name: unknown): string | undefined =>
  typeof name === 'string' ? INSTANCE_NAME.exec(name.toLowerCase())?.[1] : undefined

const SERVICE = '_stt._udp.local'
const TAG_NAME = /^_([a-z2-7]{24})\._sub\._stt\._udp\.local$/
const INSTANCE_NAME = /^([a-z2-7]{26})\._stt\._udp\.local$/
/** The labels as bytes of a packet. */
const SERVICE_LABELS = Buffer.from('\x04_stt\x04_udp')
const VERSION = Buffer.from('v=1')
const SEALED = Buffer.from('m=')
const AUTHORITATIVE = 0x0400

export const MDNS_PORT = 5353
const INSTANCE_BYTES = 16
/** Seconds. */
const TTL = 120
const LEGACY_TTL = 10
/** Milliseconds. */
const FIRST_PAUSES: readonly number[] = [1_000, 2_000, 17_000]
const ASK_INTERVAL = 60_000
const ANNOUNCE_INTERVAL = 60_000
const ANSWER_AFTER = 20
const ANSWER_SPREAD = 100
const HEARS_WITHIN = 10_000
const MOST_SEEDS = 2
/** An answer of STT fits one Ethernet packet; a larger packet could hold thousands of records. */
const LARGEST = 1_472
const MOST_RECORDS = 64
const MOST_QUESTIONS = 32
/** Packets read in a second, from one source and from all. */
const MOST_PER_SOURCE = 50
const MOST_PER_SECOND = 2_000
const REPLIES_PER_SOURCE = 5
const REPLIES_PER_SECOND = 50
