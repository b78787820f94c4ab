import type { Link } from '@stt/frame'
import { Path, probeTimeoutOf } from './path.ts'
import type { Arrival, PathPolicy } from './path-policy.ts'
import { budgetOf, FULL_SIZE, LEAST_SIZE, type PathPacket, type PathProbes } from './path-probes.ts'
import type { Paths } from './paths.ts'
import { SeenSerials } from './seen-serials.ts'

/**
 * The responder's part: it opens no links. It finds that its peer sends from somewhere else, at another address or on another
 * link, asks whether that is so, and follows.
 *
 * Anybody on the way can copy the peer's packets and send them from many addresses, so challenges are limited for the whole
 * session and not for each address: what leaves because of copies does not grow with their number.
 */
export class PathFollower implements PathPolicy {
  readonly needsPath = false
  readonly #paths: Paths
  readonly #probes: PathProbes
  #joined: SeenSerials | undefined
  readonly #tierOf: ((link: Link) => number) | undefined
  /** Where the newest packet came from that says where the peer is; undefined when that is the active path. */
  #newest: Path | undefined
  /** When the session moved last: not sooner than a round trip and a bit after that it moves again. */
  #movedAt = Number.NEGATIVE_INFINITY
  /** No challenge to a new link before, whichever that is. */
  #nextChallengeAt = Number.NEGATIVE_INFINITY
  /** The same for the link that the session has. */
  #nextCheckAt = Number.NEGATIVE_INFINITY

  /**
   * @param tierOf how good a way a link is; what such a link usually is unless given
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
    // It is asked anew: whoever was there may be gone.
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

  /** A link that this side did not open becomes one of the session's, where there is a reason to. */
  // spec: STT-PKT-48 STT-PKT-50
  #takeIn({ link, isNewest, isProbing, joinSerial }: Arrival, now: number): Path | undefined {
    if (!this.#probes.canAsk) return undefined
    if (link.lossy) {
      if (!isNewest && !isProbing) return undefined
      // spec: STT-REC-51
      const unproved = this.#paths.others.find(other => other.link.lossy && !other.validated)
      // A probe asks again in a while; where the peer went it may say nothing more for long.
      if (unproved && unproved === this.#newest && !isNewest) return undefined
      if (unproved) this.#giveUp(unproved)
    } else if (joinSerial === 0 || !(this.#joined ??= new SeenSerials()).add(joinSerial)) return undefined
    this.#forgetSilent(now)
    const path = new Path(link, false, now, this.#tierOf?.(link), 0, link.lossy && !isProbing)
    this.#paths.add(path)
    return path
  }

  /** Moves to where the peer sends from, once that is proved. */
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
   * Whether the peer is still there: asked of the path in use while the peer seems to be somewhere else, and when four probes in
   * a row were not acknowledged. It is small, so where only large packets get lost it arrives, and has the peer look into it.
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

  /** What nothing has come from for a minute is proved no longer. */
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
/** At 30 % loss each way so many in a row go unanswered now and then. */
const PROBES_IN_DOUBT = 4
/** Milliseconds between two challenges at least: nothing is known of the new path's round-trip time. */
const LEAST_INTERVAL = 500
/** Milliseconds, beside a round trip, that a responder stays where it went. */
const LEAST_STAY = 100
/** Milliseconds for which a path counts as proved after the last packet that came over it. */
const PROOF_LASTS = 60_000
