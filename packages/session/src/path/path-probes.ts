import { type Entropy, equalBytes } from '@stt/crypto'
import { Fifo, type Link, MAX_JOIN_FRAME_SIZE, PACKET_OVERHEAD, PATH_FRAME_SIZE } from '@stt/frame'
import type { Path } from './path.ts'
import type { Paths } from './paths.ts'

/** A packet about a path: PATH_CHALLENGE or PATH_RESPONSE, padded to `size` bytes. */
export interface PathPacket {
  readonly link: Link
  readonly isChallenge: boolean
  /** The 8 bytes that a challenge holds and its response repeats. */
  readonly data: Uint8Array
  readonly size: number
  /** Number of the JOIN that goes with it; 0: none does. */
  readonly joinSerial: number
}

/**
 * Asks whether the peer is where a link leads, and answers where the peer asks. A datagram's source address can be forged,
 * and a packet can be copied to a link of somebody else's, so a link is believed only when what was sent there comes back
 * from there.
 */
export class PathProbes {
  readonly #paths: Paths
  readonly #entropy: Entropy | undefined
  /** Few sessions are ever asked. */
  #answers: Fifo<PathPacket> | undefined

  /** @param entropy what challenges are made of; without it no new link is ever believed */
  constructor(paths: Paths, entropy: Entropy | undefined) {
    this.#paths = paths
    this.#entropy = entropy
  }

  get canAsk(): boolean {
    return this.#entropy !== undefined
  }

  /** A challenge that goes over `path` now. `canAsk` must say so. */
  challenge(path: Path, size: number, joinSerial = 0): PathPacket {
    const packet = { link: path.link, isChallenge: true, data: this.#entropy!(8), size, joinSerial }
    path.challenges.push(packet.data)
    // An answer to one so old says nothing of the path as it is.
    if (path.challenges.length > MAX_OPEN) path.challenges.shift()
    path.bytesOut += size
    return packet
  }

  /**
   * The peer asks whether this side is where `link` leads: the answer goes back there, no larger than the question.
   *
   * @param size bytes of the packet that asked
   */
  // spec: STT-PKT-34
  onChallenge(data: Uint8Array, link: Link, size: number): void {
    this.#answers ??= new Fifo()
    if (this.#answers.length >= MAX_ANSWERS) return
    this.#answers.push({ link, isChallenge: false, data: data.slice(), size: Math.min(size, FULL_SIZE), joinSerial: 0 })
  }

  /** @returns the path that has answered by that */
  // spec: STT-PKT-37
  onResponse(data: Uint8Array, link: Link, now: number): Path | undefined {
    const path = this.#paths.find(link)
    if (!path?.challenges.some(challenge => equalBytes(challenge, data))) return undefined
    path.challenges.length = 0
    path.validated = true
    path.answers++
    path.answeredAt = now
    return path
  }

  /** The next answer that may go out. */
  nextAnswer(): PathPacket | undefined {
    const answers = this.#answers
    for (let answer = answers?.shift(); answer; answer = answers?.shift()) {
      const path = this.#paths.find(answer.link)
      if (path ? answer.size > budgetOf(path) : !answer.link.lossy) continue
      if (path) path.bytesOut += answer.size
      return answer
    }
    return undefined
  }
}

/** What may still go to a link that another opened and that proved nothing. */
// spec: STT-PKT-36
export const budgetOf = ({ validated, isOwn, bytesIn, bytesOut }: Path): number =>
  validated || isOwn ? Number.POSITIVE_INFINITY : 3 * bytesIn - bytesOut

/** What every path must carry: only a challenge of this size shows that it does. */
export const FULL_SIZE = 1_200
export const LEAST_SIZE: number = PACKET_OVERHEAD + PATH_FRAME_SIZE
export const LEAST_JOIN_SIZE: number = LEAST_SIZE + MAX_JOIN_FRAME_SIZE
const MAX_ANSWERS = 4
/** As many as go out before a path is left: over a long one all of them are under way at once. */
const MAX_OPEN = 12
