import { equalBytes } from '@stt/crypto'
import {
  type ByteReader,
  type Candidate,
  CloseCode,
  FrameType,
  isSameLink,
  type Link,
  MAX_CANDIDATES,
  ProtocolError,
  readAddressList,
  readCandidate,
  type SentFrame,
} from '@stt/frame'
import { Tier } from '../path/path.ts'
import { LEAST_SIZE, type PathPacket } from '../path/path-probes.ts'
import { AddressLists } from './address-lists.ts'
import { type PunchHost, type PunchingPart, PunchingPlugin, type PunchTarget } from './punching-part.ts'

/** For `SessionConfig.punching`: programs that do not pass it need not bundle it. */
export const punchHoles: PunchingPlugin = /* @__PURE__ */ new PunchingPlugin(host => new HolePunching(host))

/**
 * Finds a direct way between two sides behind NATs: both send to each other's addresses at about the same time, so that each
 * NAT takes the other side's packets for answers. The first packet does not get as far as the other NAT: a packet that arrived
 * before that side had sent any could block the port.
 */
// spec: STT-PKT-61 STT-PKT-62 STT-PKT-63
class HolePunching implements PunchingPart {
  readonly #host: PunchHost
  /** Made when needed: most sessions send no lists. */
  #toldLists: AddressLists | undefined
  #targets: Target[] = []
  /** How many of them are strangers: the peer's packets came from there, but it did not name them. */
  #strangers = 0
  #allowStranger: () => boolean = () => false
  /** When the first packet that is to arrive is sent; `Infinity` while no round is under way. */
  #startAt = Number.POSITIVE_INFINITY
  #overAt = Number.POSITIVE_INFINITY
  /** Number of the peer's newest list. */
  #heard = 0
  #lastRoundAt = Number.NEGATIVE_INFINITY

  constructor(host: PunchHost) {
    this.#host = host
  }

  get isPending(): boolean {
    return this.#toldLists?.isPending ?? false
  }

  get deadline(): number {
    let deadline = this.#overAt
    for (const target of this.#targets) deadline = Math.min(deadline, this.#dueAt(target))
    return deadline
  }

  tellAddresses(candidates: readonly Candidate[]): void {
    this.#lists.tell(FrameType.Addresses, candidates)
  }

  tellObserved(candidate: Candidate): void {
    this.#lists.tell(FrameType.Observed, [candidate])
  }

  begin(
    candidates: readonly Candidate[],
    targets: readonly PunchTarget[],
    allowStranger: () => boolean,
    now: number,
  ): void {
    this.#lists.tell(FrameType.Punch, candidates)
    this.#start(targets, now + (2 * this.#host.roundTrip() || UNKNOWN_ROUND_TRIP), allowStranger, now)
  }

  answer(targets: readonly PunchTarget[], allowStranger: () => boolean, now: number): void {
    this.#start(targets, now + AFTER_OPENERS, allowStranger, now)
  }

  next(now: number): PathPacket | undefined {
    for (const target of this.#targets) {
      if (now < this.#dueAt(target)) continue
      if (target.opener && !target.isOpened) {
        target.isOpened = true
        return this.#probe(target, target.opener)
      }
      if (now >= target.extraAt) target.extraAt = Number.POSITIVE_INFINITY
      else target.sent++
      return this.#probe(target, target.link)
    }
    if (now >= this.#overAt) this.#end()
    return undefined
  }

  onResponse(data: Uint8Array, link: Link, now: number): void {
    const target = this.#targets.find(({ challenges }) => challenges.some(each => equalBytes(each, data)))
    if (!target || target.isAnswered) return
    target.isAnswered = true
    this.#host.onAnswered({ link: target.isSame(link) ? target.link : link, tier: target.tier }, now)
  }

  /** The peer's packets come from an address that it did not name: its NAT uses another port for this side. */
  // spec: STT-PKT-62
  onStranger(link: Link, now: number): void {
    if (this.#overAt === Number.POSITIVE_INFINITY || now >= this.#overAt) return
    this.#startAt = Math.min(this.#startAt, now)
    const known = this.#targets.find(target => target.isSame(link))
    if (known) {
      // The way is open: a challenge now is answered. One only, or the peer's packets would decide how many are sent.
      known.isOpened = true
      if (!known.wasHeard) known.extraAt = now
      known.wasHeard = true
    } else if (this.#strangers < MOST_STRANGERS && this.#allowStranger()) {
      this.#strangers++
      this.#targets.push(new Target({ link, tier: Tier.Datagram }, now))
    }
  }

  write(buffer: Uint8Array, offset: number, limit: number, sent: SentFrame[]): number {
    return this.#toldLists?.write(buffer, offset, limit, sent) ?? offset
  }

  // spec: STT-FRM-18
  read(type: number, reader: ByteReader, now: number | undefined): boolean {
    if (type === FrameType.Observed) {
      const candidate = readCandidate(reader)
      if (candidate && now !== undefined) this.#host.emit({ type: 'observed', candidate })
      return true
    }
    if (type !== FrameType.Addresses && type !== FrameType.Punch) return false
    const { number, candidates } = readAddressList(reader)
    const isMine = (type === FrameType.Addresses) === (this.#host.role === 'responder')
    if (isMine) throw new ProtocolError(CloseCode.ProtocolViolation, FROM_THE_WRONG_SIDE)
    // spec: STT-PKT-60
    if (now === undefined || number <= this.#heard) return true
    this.#heard = number
    if (type === FrameType.Addresses) this.#host.emit({ type: 'addresses', candidates })
    else this.#onPunch(candidates, now)
    return true
  }

  onAcknowledged(frame: SentFrame, now: number): void {
    // The peer has opened its side by now.
    if (frame.type === FrameType.Punch && this.#lists.isNewest(frame)) this.#startAt = Math.min(this.#startAt, now)
  }

  onLost(frame: SentFrame): boolean {
    return this.#lists.onLost(frame)
  }

  get #lists(): AddressLists {
    return (this.#toldLists ??= new AddressLists())
  }

  // spec: STT-PKT-64
  #onPunch(candidates: readonly Candidate[], now: number): void {
    if (now - this.#lastRoundAt < LEAST_BETWEEN_ROUNDS) return
    this.#lastRoundAt = now
    this.#host.emit({ type: 'punch', candidates })
  }

  #start(targets: readonly PunchTarget[], startAt: number, allowStranger: () => boolean, now: number): void {
    this.#targets = targets.slice(0, MAX_CANDIDATES).map(target => new Target(target, now))
    this.#strangers = 0
    this.#allowStranger = allowStranger
    this.#startAt = startAt
    this.#overAt = startAt + SCHEDULE.at(-1)! + ANSWERED_WITHIN
  }

  #end(): void {
    const answered = this.#targets.filter(({ isAnswered }) => isAnswered).length
    this.#targets = []
    this.#startAt = this.#overAt = Number.POSITIVE_INFINITY
    this.#host.emit({ type: 'punch-over', answered })
  }

  #dueAt(target: Target): number {
    if (target.isAnswered) return Number.POSITIVE_INFINITY
    if (target.opener && !target.isOpened) return target.since
    // In the local network there is no NAT to open.
    const start = target.opener ? this.#startAt : target.since
    return Math.min(target.extraAt, start + (SCHEDULE[target.sent] ?? Number.POSITIVE_INFINITY))
  }

  // spec: STT-PKT-63
  #probe(target: Target, link: Link): PathPacket {
    const data = this.#host.entropy(8)
    target.challenges.push(data)
    return { link, isChallenge: true, data, size: LEAST_SIZE, joinSerial: 0 }
  }
}

class Target implements PunchTarget {
  readonly link: Link
  readonly opener: Link | undefined
  readonly tier: number
  readonly since: number
  readonly challenges: Uint8Array[] = []
  /** Packets sent so far, without openers. */
  sent = 0
  /** When an additional packet is sent. */
  extraAt: number = Number.POSITIVE_INFINITY
  isOpened = false
  wasHeard = false
  isAnswered = false

  constructor({ link, opener, tier }: PunchTarget, since: number) {
    this.link = link
    this.opener = opener
    this.tier = tier
    this.since = since
  }

  isSame(link: Link): boolean {
    return isSameLink(this.link, link)
  }
}

const FROM_THE_WRONG_SIDE = 'the peer sent a list of addresses that only the other side sends'

/** When each packet is sent, in milliseconds after the first that is to arrive. */
// spec: STT-PKT-62
const SCHEDULE: readonly number[] = [0, 50, 100, 200, 400, 800, 1_600]
const AFTER_OPENERS = 20
/** Milliseconds that two round trips count as before one was measured. */
const UNKNOWN_ROUND_TRIP = 1_000
const ANSWERED_WITHIN = 1_000
const LEAST_BETWEEN_ROUNDS = 2_000
/** Strangers in one round. */
const MOST_STRANGERS = 8
