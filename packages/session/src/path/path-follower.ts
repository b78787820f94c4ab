import type { Link } from '@stt/frame'
import { Path, probeTimeoutOf } from './path.ts'
import type { Arrival, PathPolicy } from './path-policy.ts'
import { budgetOf, FULL_SIZE, LEAST_SIZE, type PathPacket, type PathProbes } from './path-probes.ts'
import type { Paths } from './paths.ts'
import { SeenSerials } from './seen-serials.ts'

/**
 * The responder's policy: it opens no links. When packets of its peer come from another address or link, it challenges that,
 * and follows once it is answered.
 *
 * An attacker on the way can copy the peer's packets and send them from many addresses, so challenges are limited for the
 * whole session and not for each address: their number does not grow with the number of copies.
 */
export class PathFollower implements PathPolicy {
  readonly needsPath = false
  readonly #paths: Paths
  readonly #probes: PathProbes
  #joined: SeenSerials | undefined
  readonly #tierOf: ((link: Link) => number) | undefined
  /** The path of the newest packet that shows where the peer is; undefined if that is the active one. */
  #newest: Path | undefined
  /** When the session moved last: it stays a round trip and a bit before it moves again. */
  #movedAt = Number.NEGATIVE_INFINITY
  /** When the next challenge to any new link may be sent. */
  #nextChallengeAt = Number.NEGATIVE_INFINITY
  /** When the next challenge over the active link may be sent. */
  #nextCheckAt = Number.NEGATIVE_INFINITY

  /**
   * @param tierOf tier of a link; by default `Datagram` for a lossy link and `Message` for any other
   */
  constructor(paths: Paths, probes: PathProbes, tierOf?: (link: Link) => number) {
    this.#paths = paths
    this.#probes = probes
    this.#tierOf = tierOf
  }

  // spec: STT-PKT-35
  onPacket(arrival: Arrival, now: number): boolean {
    const { link, size, isNewest } = arrival
    const paths = this.#paths
    const path = paths.find(link) ?? this.#takeIn(arrival, now)
    if (!path) return false
    const isActive = path === paths.active
    // It is challenged again: the peer may be gone from there.
    if (!isActive && this.#isStale(path, now)) path.validated = false
    path.receivedAt = now
    if (isActive) {
      if (isNewest) this.#newest = undefined
      return true
    }
    path.bytesIn += size
    if (isNewest) {
      this.#newest = path
      this.#follow(now)
    }
    return true
  }

  onAnswered(_path: Path, now: number): void {
    this.#follow(now)
  }

  onTime(now: number): void {
    this.#follow(now)
  }

  onStall(): void {}

  next(now: number): PathPacket | undefined {
    if (!this.#probes.canAsk) return undefined
    const check = this.#nextCheck(now)
    if (check || now < this.#nextChallengeAt) return check
    for (const path of this.#paths.others) {
      if (path.validated) continue
      // spec: STT-PKT-35 (three are enough)
      if (path.challenges.length >= MAX_CHALLENGES) {
        this.#giveUp(path)
        continue
      }
      const budget = budgetOf(path)
      if (budget < LEAST_SIZE) continue
      this.#nextChallengeAt = now + this.#interval
      return this.#probes.challenge(path, path.link.lossy && budget >= FULL_SIZE ? FULL_SIZE : LEAST_SIZE)
    }
    return undefined
  }

  deadline(): number {
    let deadline = Number.POSITIVE_INFINITY
    if (this.#newest?.validated) deadline = this.#mayMoveAt
    for (const path of this.#paths.others) {
      if (!path.validated && (path.challenges.length >= MAX_CHALLENGES || budgetOf(path) >= LEAST_SIZE)) {
        deadline = Math.min(deadline, this.#nextChallengeAt)
      }
    }
    return deadline
  }

  get #interval(): number {
    return Math.max(probeTimeoutOf(this.#paths.active), LEAST_INTERVAL)
  }

  get #mayMoveAt(): number {
    return this.#movedAt + LEAST_STAY + (this.#paths.active?.rtt.smoothed ?? 0)
  }

  /** Adds the link of a packet to the session, if there is a reason to. */
  // spec: STT-PKT-48 STT-PKT-50
  #takeIn({ link, isNewest, isProbing, joinSerial }: Arrival, now: number): Path | undefined {
    if (!this.#probes.canAsk) return undefined
    if (link.lossy) {
      if (!isNewest && !isProbing) return undefined
      // spec: STT-REC-51
      const unproved = this.#paths.others.find(other => other.link.lossy && !other.validated)
      // A prober asks again in a while; a peer that has moved may be silent for long.
      if (unproved && unproved === this.#newest && !isNewest) return undefined
      if (unproved) this.#giveUp(unproved)
    } else if (joinSerial === 0 || !(this.#joined ??= new SeenSerials()).add(joinSerial)) return undefined
    this.#forgetSilent(now)
    const path = new Path(link, false, now, this.#tierOf?.(link), 0, link.lossy && !isProbing)
    this.#paths.add(path)
    return path
  }

  /** Moves to where the peer sends from, once that is validated. */
  #follow(now: number): void {
    const path = this.#newest
    if (!path?.validated) return
    if (!this.#paths.has(path)) {
      this.#newest = undefined
      return
    }
    if (this.#paths.active && now < this.#mayMoveAt) return
    this.#newest = undefined
    this.#movedAt = now
    this.#paths.moveTo(path, path.isRebound && this.#paths.active?.link.lossy ? 'rebound' : 'followed', now)
  }

  /**
   * Challenges the active path while the peer seems to be elsewhere, or after four unacknowledged probes in a row. The
   * challenge is small: if only large packets get lost it arrives, and makes the peer check the path.
   */
  #nextCheck(now: number): PathPacket | undefined {
    const { active } = this.#paths
    if (!active || now < this.#nextCheckAt) return undefined
    const isElsewhere = this.#newest !== undefined && !this.#newest.validated
    // spec: STT-PKT-56
    if (!isElsewhere && (active.recovery?.probesInARow ?? 0) < PROBES_IN_DOUBT) return undefined
    this.#nextCheckAt = now + this.#interval
    return this.#probes.challenge(active, LEAST_SIZE)
  }

  /** Forgets paths that have been silent for a minute. */
  // spec: STT-PKT-51
  #forgetSilent(now: number): void {
    for (const path of this.#paths.others) if (this.#isStale(path, now)) this.#giveUp(path)
  }

  #isStale({ receivedAt, leftAt }: Path, now: number): boolean {
    return leftAt === undefined && now - receivedAt > PROOF_LASTS
  }

  #giveUp(path: Path): void {
    if (path === this.#newest) this.#newest = undefined
    this.#paths.remove(path)
  }
}

const MAX_CHALLENGES = 3
/** At 30 % loss each way as many in a row go unanswered now and then. */
const PROBES_IN_DOUBT = 4
/** Milliseconds between two challenges at least: the round-trip time of a new path is unknown. */
const LEAST_INTERVAL = 500
/** Milliseconds beside a round trip that a responder stays on a path. */
const LEAST_STAY = 100
/** Milliseconds that a path stays validated after the last packet that came over it. */
const PROOF_LASTS = 60_000
