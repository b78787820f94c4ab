import { type Entropy, equalBytes } from '@stt/crypto'
import { Fifo, type Link, PACKET_OVERHEAD, PATH_FRAME_SIZE } from '@stt/frame'
import type { Path } from './path.ts'
import type { Paths } from './paths.ts'

/** A packet about a path: PATH_CHALLENGE or PATH_RESPONSE, padded to `size` bytes. */
export interface PathPacket {
  readonly link: Link
  readonly isChallenge: boolean
  /** The 8 bytes that a challenge holds and its response repeats. */
  readonly data: Uint8Array
  readonly size: number
}

/**
 * Whether the peer is where a link leads. A datagram's source address can be forged, and a packet can be copied to a link
 * of somebody else's, so a link is believed only when what was sent there comes back from there.
 *
 * The initiator asks over links that it opened. A responder asks where the peer's newest packet came from. Anybody on the
 * way can copy the peer's packets and send them from many addresses, so a responder's challenges are limited for the whole
 * session and not for each address: what leaves because of copies does not grow with their number.
 */
export class PathProbes {
  readonly #paths: Paths
  readonly #entropy: Entropy | undefined
  readonly #follows: boolean
  /** Where the peer seems to have moved to. */
  #candidate: Path | undefined
  /** Too little came from there for another challenge. */
  #starved = false
  /** A responder sends no challenge before, to whichever new address. */
  #nextChallengeAt = 0
  /** The same for the link that the session has. */
  #nextCheckAt = 0
  readonly #answers = new Fifo<PathPacket>()

  /**
   * @param entropy what challenges are made of; without it no new link is ever believed
   * @param follows whether the peer decides which link is used: this is the responder
   */
  constructor(paths: Paths, entropy: Entropy | undefined, follows: boolean) {
    this.#paths = paths
    this.#entropy = entropy
    this.#follows = follows
  }

  /**
   * A packet of the peer's verified.
   *
   * @param isNewest whether its number is the highest so far and it holds more than PADDING and PATH_*: the peer now
   *   sends from where it came from
   * @returns the path that the peer uses now, where it is proved and another than the session's
   */
  // spec: STT-PKT-35
  onPacket(link: Link, size: number, isNewest: boolean): Path | undefined {
    const paths = this.#paths
    const known = paths.find(link)
    if (known && known === paths.active) {
      if (isNewest) this.#settle()
      return undefined
    }
    const path = known ?? this.#takeIn(link, isNewest)
    if (!path) return undefined
    path.bytesIn += size
    if (path === this.#candidate) this.#starved = false
    if (!isNewest || !this.#follows) return undefined
    if (path.validated) return path
    if (path !== this.#candidate && this.#entropy) this.#ask(path)
    return undefined
  }

  /**
   * The peer asks whether this side is where `link` leads: the answer goes back there, no larger than the question.
   *
   * @param size bytes of the packet that asked
   */
  // spec: STT-PKT-34
  onChallenge(data: Uint8Array, link: Link, size: number): void {
    if (this.#answers.length >= MAX_ANSWERS) return
    this.#answers.push({ link, isChallenge: false, data: data.slice(), size: Math.min(size, FULL_SIZE) })
  }

  /** @returns the path that is proved by that */
  // spec: STT-PKT-37
  onResponse(data: Uint8Array, link: Link): Path | undefined {
    const path = this.#paths.find(link)
    if (!path?.challenges.some(challenge => equalBytes(challenge, data))) return undefined
    path.validated = true
    path.challenges.length = 0
    if (path === this.#candidate) this.#candidate = undefined
    return path
  }

  /** The session has another path: what was found out about addresses is over. */
  reset(): void {
    this.#settle()
    this.#answers.clear()
  }

  /** Where the peer may have moved to. */
  get candidate(): Link | undefined {
    return this.#candidate?.link
  }

  /** @param probeTimeout of the active path, in milliseconds */
  next(probeTimeout: number, now: number): PathPacket | undefined {
    for (let answer = this.#answers.shift(); answer; answer = this.#answers.shift()) {
      if (this.#isWithinBudget(answer)) return this.#sent(answer)
    }
    const interval = Math.max(probeTimeout, LEAST_INTERVAL)
    return this.#follows ? this.#nextToCandidate(interval, now) : this.#nextToOwn(interval, now)
  }

  /** When `next` may have something by the passing of time alone. */
  get deadline(): number {
    if (this.#follows) return this.#candidate && !this.#starved ? this.#nextChallengeAt : Number.POSITIVE_INFINITY
    let deadline = Number.POSITIVE_INFINITY
    for (const path of this.#paths.others) {
      if (!path.validated) deadline = Math.min(deadline, path.nextChallengeAt)
    }
    return deadline
  }

  /** A link that this side did not open becomes one of the session's, where there is a reason to. */
  // spec: STT-PKT-48
  #takeIn(link: Link, isNewest: boolean): Path | undefined {
    if (!this.#follows) return undefined
    // A link with a connection is the session's from its first packet on, or nobody would look after it.
    if (!link.lossy) return this.#paths.add(link, false)
    // spec: STT-REC-51
    if (!isNewest || !this.#entropy) return undefined
    this.#settle()
    return this.#paths.add(link, false)
  }

  #ask(path: Path): void {
    this.#settle()
    this.#candidate = path
    this.#starved = false
  }

  /** Nothing is asked any more: an address that proved nothing is forgotten. */
  #settle(): void {
    const candidate = this.#candidate
    this.#candidate = undefined
    if (candidate?.link.lossy && !candidate.validated) this.#paths.remove(candidate)
    else if (candidate) candidate.challenges.length = 0
  }

  #nextToCandidate(interval: number, now: number): PathPacket | undefined {
    const path = this.#candidate
    if (!path) return undefined
    if (!this.#paths.has(path)) return void (this.#candidate = undefined)
    const { active } = this.#paths
    if (active && now >= this.#nextCheckAt && path.challenges.length === 0) {
      // All that is asked there is whether the peer still speaks from there: how much the path carries is known.
      this.#nextCheckAt = now + interval
      return this.#challenge(active.link, LEAST_SIZE)
    }
    if (now < this.#nextChallengeAt || this.#starved) return undefined
    if (path.challenges.length >= MAX_CHALLENGES) {
      this.#candidate = undefined
      this.#paths.remove(path)
      return undefined
    }
    const budget = budgetOf(path)
    if (budget < LEAST_SIZE) {
      this.#starved = true
      return undefined
    }
    this.#nextChallengeAt = now + interval
    return this.#challengeTo(path, budget)
  }

  /** Links that this side opened are asked each for itself. */
  // spec: STT-PKT-49
  #nextToOwn(interval: number, now: number): PathPacket | undefined {
    for (const path of this.#paths.others) {
      if (path.validated || now < path.nextChallengeAt) continue
      if (path.challenges.length < MAX_CHALLENGES) {
        path.nextChallengeAt = now + interval
        return this.#challengeTo(path, budgetOf(path))
      }
      this.#paths.remove(path)
    }
    return undefined
  }

  #challengeTo(path: Path, budget: number): PathPacket {
    const challenge = this.#challenge(path.link, path.link.lossy && budget >= FULL_SIZE ? FULL_SIZE : LEAST_SIZE)
    path.challenges.push(challenge.data)
    return this.#sent(challenge)
  }

  #challenge(link: Link, size: number): PathPacket {
    return { link, isChallenge: true, data: this.#entropy!(8), size }
  }

  #isWithinBudget({ link, size }: PathPacket): boolean {
    const path = this.#paths.find(link)
    return !path || size <= budgetOf(path)
  }

  #sent(packet: PathPacket): PathPacket {
    const path = this.#paths.find(packet.link)
    if (path) path.bytesOut += packet.size
    return packet
  }
}

/** What may still go to a link that another opened and that proved nothing. */
// spec: STT-PKT-36
const budgetOf = ({ validated, isOwn, bytesIn, bytesOut }: Path): number =>
  validated || isOwn ? Number.POSITIVE_INFINITY : 3 * bytesIn - bytesOut

/** What every path must carry: only a challenge of this size shows that it does. */
const FULL_SIZE = 1_200
const LEAST_SIZE = PACKET_OVERHEAD + PATH_FRAME_SIZE
const MAX_CHALLENGES = 3
const MAX_ANSWERS = 4
/** Milliseconds between two challenges at least: nothing is known of the new path's round-trip time. */
const LEAST_INTERVAL = 500
