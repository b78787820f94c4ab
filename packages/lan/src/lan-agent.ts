import { Buffer } from 'node:buffer'
import { type Entropy, equalBytes } from '@stt/crypto'
import { Fifo, type Output } from '@stt/frame'
import { hoursAt } from '@stt/rendezvous'
import { type Answer, decode, encode, type Packet, type Question } from 'dns-packet'
import { base32, lanTag, openLanPeer, sealLanPeer } from './lan-names.ts'
import { SourceBudgets } from './source-budgets.ts'

/** Where a node can be dialed at one address of its own; 0: not by that. */
export interface LanPorts {
  readonly udp: number
  readonly ws: number
}

export interface LanAgentOptions {
  /** The node's own id, 32 bytes. */
  readonly id: Uint8Array
  /** `lan` of its seeds' rendezvous keys, the one that dials first. */
  readonly keys: () => readonly Uint8Array[]
  /** The interface's address, without a zone. */
  readonly address: string
  /** Where others can dial the node at that address. */
  readonly ports: () => LanPorts
  /** Whether it hears what is asked: it does not where the port of mDNS is another program's alone. */
  readonly answers: boolean
  readonly entropy: Entropy
}

export type LanEvent =
  | {
      readonly type: 'seen'
      readonly id: Uint8Array
      readonly address: string
      readonly ports: LanPorts
      readonly ttl: number
    }
  | { readonly type: 'gone'; readonly id: Uint8Array }
  /** Nothing at all was heard since it first spoke, its own words included: something on this machine keeps them back. */
  | { readonly type: 'deaf' }

/** Whose packets of mDNS were heard, whatever they concern: somebody else's, those of this address alone, or none. */
export type Hearing = 'others' | 'itself' | 'nothing'

/** All on the link, or who asked from a port that is not that of mDNS. */
export type LanTarget = 'group' | { readonly address: string; readonly port: number }

export interface LanStatistics {
  /** Packets that concern STT. */
  readonly received: number
  /** Those that could not be read, or were more than are looked at. */
  readonly dropped: number
  /** Answers under a name of the seed that no holder of the seed had sealed for where they came from. */
  readonly wrong: number
}

/**
 * One node on one interface: announces it, answers who asks for the seed, and asks. Without socket and clock; times are
 * milliseconds but for `unixSeconds`, the time of day.
 */
export class LanAgent {
  readonly #options: LanAgentOptions
  readonly #outputs = new Fifo<Output<LanEvent, LanTarget>>()
  /** What is announced, by its tag: of each seed and hour another one, so that nobody can tell that they belong together. */
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
  /** When it should have heard itself; undefined before it has spoken. */
  #deafAt: number | undefined

  constructor(options: LanAgentOptions) {
    this.#options = options
  }

  getStatistics(): LanStatistics {
    return { ...this.#counts }
  }

  get heard(): Hearing {
    return this.#hearing
  }

  /** Says that the node is there, or that it can be dialed at other ports than before. */
  announce(now: number): void {
    this.#announcements = 0
    this.#announceAt = this.#options.answers ? now : Number.POSITIVE_INFINITY
  }

  /** Asks who is there: at once, after 1 and 3 s, then after 20 and each 60 s. */
  // spec: STT-LAN-5
  watch(now: number): void {
    this.#asks = 0
    this.#askAt = now
  }

  unwatch(): void {
    this.#askAt = Number.POSITIVE_INFINITY
  }

  /** The seeds are others. */
  keysReplaced(now: number): void {
    this.#hour = -1
    this.#own = new Map()
    this.announce(now)
  }

  /** The node is about to close: others are told. */
  // spec: STT-LAN-4
  stop(): void {
    if (this.#options.answers && this.#announcements > 0) this.#sayAll(this.#own.keys(), 0)
    this.#announceAt = this.#askAt = this.#answerAt = this.#deafAt = Number.POSITIVE_INFINITY
  }

  /** @param from within the prefix of the interface: the driver has checked it. Without a zone. */
  receive(
    bytes: Uint8Array,
    from: { readonly address: string; readonly port: number },
    now: number,
    unixSeconds: number,
  ): void {
    if (from.address !== this.#options.address) this.#hearing = 'others'
    else if (this.#hearing === 'nothing') this.#hearing = 'itself'
    const packet = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    // Most that is said on a link concerns others.
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
      // Anybody on the link can say anything.
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

  /** Other names with each hour: the driver polls at least once a minute while anything is to be said. */
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
    // Twice, as the first may be lost, and then each minute for those whose cache has forgotten.
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

  /** Only who knows a name of the seed is answered: nobody says that it speaks STT at all. */
  // spec: STT-LAN-3
  #asked({ id, questions = [] }: Packet, from: { readonly address: string; readonly port: number }, now: number): void {
    const wanted = new Map<string, Question>()
    for (const question of questions.slice(0, MOST_QUESTIONS)) {
      const tag = question.type === 'PTR' ? tagIn(question.name) : undefined
      if (tag !== undefined && this.#own.has(tag)) wanted.set(tag, question)
    }
    if (wanted.size === 0) return
    if (from.port !== MDNS_PORT) {
      // RFC 6762 §6.7: it hears no group, and knows its answer by what it asked. spec: STT-LAN-6
      const asked = { id: id ?? 0, questions: [...wanted.values()] }
      if (this.#replies.take(from.address, now)) this.#sayAll(wanted.keys(), LEGACY_TTL, from, asked)
      return
    }
    for (const tag of wanted.keys()) this.#toAnswer.add(tag)
    // One answer for all who ask within a moment; the moment is another on each node.
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

  /** The address is that which the packet came from: who answers for another aims at nobody. */
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
    return base32(this.#options.entropy(INSTANCE_BYTES))
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

/** What an answer says of one instance; undefined where it is not all there. */
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

/** Names of DNS are the same in any case. */
const tagIn = (name: string): string | undefined => TAG_NAME.exec(name.toLowerCase())?.[1]

const instanceIn = (name: unknown): string | undefined =>
  typeof name === 'string' ? INSTANCE_NAME.exec(name.toLowerCase())?.[1] : undefined

const SERVICE = '_stt._udp.local'
const TAG_NAME = /^_([a-z2-7]{24})\._sub\._stt\._udp\.local$/
const INSTANCE_NAME = /^([a-z2-7]{26})\._stt\._udp\.local$/
/** As they stand in a packet. */
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
/** What STT says fits into one packet of an Ethernet; a larger one could hold thousands of records. */
const LARGEST = 1_472
const MOST_RECORDS = 64
const MOST_QUESTIONS = 32
/** Packets that are read in a second: of one source, and of all. */
const MOST_PER_SOURCE = 50
const MOST_PER_SECOND = 2_000
const REPLIES_PER_SOURCE = 5
const REPLIES_PER_SECOND = 50
