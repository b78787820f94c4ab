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
 * Challenges links, and answers the peer's challenges. A datagram's source address can be forged, and packets can be copied
 * to another link, so a link counts as the peer's only once the peer answers a challenge over it.
 */
export class PathProbes {
  readonly #paths: Paths
  readonly #entropy: Entropy | undefined
  /** Made when needed: few sessions are ever challenged. */
  #answers: Fifo<PathPacket> | undefined

  /** @param entropy makes the data of challenges; without it no new link is ever validated */
  constructor(paths: Paths, entropy: Entropy | undefined) {
    this.#paths = paths
    this.#entropy = entropy
  }

  get canAsk(): boolean {
    return this.#entropy !== undefined
  }

  /** A challenge to send over `path` now; only if `canAsk`. */
  challenge(path: Path, size: number, joinSerial = 0): PathPacket {
    const packet = { link: path.link, isChallenge: true, data: this.#entropy!(8), size, joinSerial }
    path.challenges.push(packet.data)
    // An answer to such an old challenge would tell nothing about the path now.
    if (path.challenges.length > MAX_OPEN) path.challenges.shift()
    path.bytesOut += size
    return packet
  }

  /**
   * The peer challenges this side over `link`. The answer is sent there, and is no larger than the challenge.
   *
   * @param size bytes of the packet with the challenge
   */
  // spec: STT-PKT-34
  onChallenge(data: Uint8Array, link: Link, size: number): void {
    this.#answers ??= new Fifo()
    if (this.#answers.length >= MAX_ANSWERS) return
    this.#answers.push({ link, isChallenge: false, data: data.slice(), size: Math.min(size, FULL_SIZE), joinSerial: 0 })
  }

  /** @returns the path whose challenge this answers */
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

  /** The next answer that may be sent. */
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

/** Bytes that may still be sent to a link that this side did not open and that is not validated. */
// spec: STT-PKT-36
export const budgetOf = ({ validated, isOwn, bytesIn, bytesOut }: Path): number =>
  validated || isOwn ? Number.POSITIVE_INFINITY : 3 * bytesIn - bytesOut

/** Bytes of a packet that every path must carry: only a challenge of this size shows that it does. */
export const FULL_SIZE = 1_200
export const LEAST_SIZE: number = PACKET_OVERHEAD + PATH_FRAME_SIZE
export const LEAST_JOIN_SIZE: number = LEAST_SIZE + MAX_JOIN_FRAME_SIZE
const MAX_ANSWERS = 4
/** As many as are sent before a path is left: over a long path all of them are under way at once. */
const MAX_OPEN = 12
