import { type Entropy, equalBytes } from '@stt/crypto'
import { Fifo, type Link, PACKET_OVERHEAD, PATH_FRAME_SIZE } from '@stt/frame'
import type { Path } from './path.ts'

/** A packet about a path: PATH_CHALLENGE or PATH_RESPONSE, padded to `size` bytes. */
export interface PathPacket {
  readonly link: Link
  readonly isChallenge: boolean
  /** The 8 bytes that a challenge holds and its response repeats. */
  readonly data: Uint8Array
  readonly size: number
}

/** An address that the peer seems to have moved to. */
interface Candidate {
  readonly link: Link
  readonly challenges: Uint8Array[]
  bytesReceived: number
  bytesSent: number
  /** Too little came from there for another challenge. */
  starved: boolean
}

/**
 * Whether the peer still is where packets are sent to. A datagram's source address can be forged, so a new one is
 * believed only when what was sent there comes back from there.
 *
 * Anybody on the way can copy the peer's packets and send them from many addresses. So challenges are limited for the
 * whole session and not for each address: what leaves because of copies does not grow with their number.
 */
export class PathProbes {
  readonly #entropy: Entropy | undefined
  #candidate: Candidate | undefined
  /** No challenge leaves before, to whichever new address. */
  #nextChallengeAt = 0
  /** The same for the address that the session has. */
  #nextCheckAt = 0
  readonly #answers = new Fifo<PathPacket>()

  /** @param entropy what challenges are made of; without it no new address is ever believed */
  constructor(entropy: Entropy | undefined) {
    this.#entropy = entropy
  }

  /**
   * A packet of the peer's verified.
   *
   * @param isNewest whether its number is the highest so far and it holds more than PADDING and PATH_*: the peer now
   *   sends from where it came from
   */
  // spec: STT-PKT-35
  onPacket(link: Link, size: number, isNewest: boolean, path: Path): void {
    const isCurrent = link === path.link
    if (isCurrent || !link.lossy || !path.link.lossy) {
      if (isCurrent && isNewest) this.#candidate = undefined
      return
    }
    if (this.#candidate?.link !== link) {
      if (!isNewest || !this.#entropy) return
      this.#candidate = { link, challenges: [], bytesReceived: 0, bytesSent: 0, starved: false }
    }
    this.#candidate.bytesReceived += size
    this.#candidate.starved = false
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

  /** @returns whether `link` is the new address of the peer, now proved */
  // spec: STT-PKT-37
  onResponse(data: Uint8Array, link: Link): boolean {
    const candidate = this.#candidate
    if (candidate?.link !== link || !candidate.challenges.some(challenge => equalBytes(challenge, data))) return false
    this.#candidate = undefined
    return true
  }

  /** The session has another path: what was found out about addresses is over. */
  reset(): void {
    this.#candidate = undefined
    this.#answers.clear()
  }

  /** Where the peer may have moved to. */
  get candidate(): Link | undefined {
    return this.#candidate?.link
  }

  /** @param probeTimeout of the current path, in milliseconds */
  next(path: Path, probeTimeout: number, now: number): PathPacket | undefined {
    for (let answer = this.#answers.shift(); answer; answer = this.#answers.shift()) {
      if (this.#within(answer)) return this.#sent(answer)
    }
    const candidate = this.#candidate
    if (!candidate) return undefined
    const interval = Math.max(probeTimeout, LEAST_INTERVAL)
    if (now >= this.#nextCheckAt && candidate.challenges.length === 0) {
      // All that is asked there is whether the peer still speaks from there: how much the path carries is known.
      this.#nextCheckAt = now + interval
      return this.#challenge(path.link, LEAST_SIZE)
    }
    if (now < this.#nextChallengeAt || candidate.starved) return undefined
    if (candidate.challenges.length >= MAX_CHALLENGES) {
      this.#candidate = undefined
      return undefined
    }
    const budget = this.#budget(candidate)
    if (budget < LEAST_SIZE) {
      candidate.starved = true
      return undefined
    }
    this.#nextChallengeAt = now + interval
    const challenge = this.#challenge(candidate.link, budget >= FULL_SIZE ? FULL_SIZE : LEAST_SIZE)
    candidate.challenges.push(challenge.data)
    return this.#sent(challenge)
  }

  /** When `next` may have something by the passing of time alone. */
  get deadline(): number {
    return this.#candidate && !this.#candidate.starved ? this.#nextChallengeAt : Number.POSITIVE_INFINITY
  }

  #challenge(link: Link, size: number): PathPacket {
    return { link, isChallenge: true, data: this.#entropy!(8), size }
  }

  // spec: STT-PKT-36
  #budget({ bytesReceived, bytesSent }: Candidate): number {
    return 3 * bytesReceived - bytesSent
  }

  #within({ link, size }: PathPacket): boolean {
    return this.#candidate?.link !== link || size <= this.#budget(this.#candidate)
  }

  #sent(packet: PathPacket): PathPacket {
    if (this.#candidate?.link === packet.link) this.#candidate.bytesSent += packet.size
    return packet
  }
}

/** What every path must carry: only a challenge of this size shows that it does. */
const FULL_SIZE = 1_200
const LEAST_SIZE = PACKET_OVERHEAD + PATH_FRAME_SIZE
const MAX_CHALLENGES = 3
const MAX_ANSWERS = 4
/** Milliseconds between two challenges at least: nothing is known of the new path's round-trip time. */
const LEAST_INTERVAL = 500
