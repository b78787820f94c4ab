import type { Entropy } from '@stt/crypto'
import { SttError } from '@stt/errors'
import type { Link } from '@stt/frame'
import type { SessionEvent } from '../session-events.ts'
import { Path, probeTimeoutOf } from './path.ts'
import type { Arrival, PathPolicy } from './path-policy.ts'
import { FULL_SIZE, LEAST_JOIN_SIZE, LEAST_SIZE, type PathPacket, type PathProbes } from './path-probes.ts'
import type { Paths } from './paths.ts'
import { Penalties } from './penalties.ts'

export interface ChooserHost {
  readonly emit: (event: SessionEvent) => void
  /** Makes the peer acknowledge a packet over the active path. */
  readonly ping: () => void
}

/**
 * The initiator's policy: it chooses among the links that it opened.
 *
 * It moves to a better tier once the peer has answered there twice in a row. It moves to a worse one when the active path has
 * ended, or is suspect and does not answer. A path becomes suspect when packets sent over it are not acknowledged, or when the
 * system or a change of network gives a hint. A side that only receives sends a PING now and then, to find out as well.
 */
// spec: STT-PKT-49 STT-PKT-52 STT-PKT-53 STT-PKT-54
export class PathChooser implements PathPolicy {
  readonly #paths: Paths
  readonly #probes: PathProbes
  readonly #entropy: Entropy | undefined
  readonly #host: ChooserHost
  #nextSerial = 1
  /** Remotes of paths that were left as dead, and how long the session stays away from them. */
  #penalties: Penalties | undefined
  /** Since when the active path has been in doubt. */
  #suspectSince: number | undefined
  /** Challenges over it since then. */
  #tries = 0
  /** When it is challenged again, or given up. */
  #nextTryAt = 0
  /** When other paths are wanted once more. */
  #wantedAgainAt = Number.POSITIVE_INFINITY
  /** When a hint from the system counts again. */
  #nextHintAt = Number.NEGATIVE_INFINITY

  constructor(paths: Paths, probes: PathProbes, entropy: Entropy | undefined, host: ChooserHost) {
    this.#paths = paths
    this.#probes = probes
    this.#entropy = entropy
    this.#host = host
  }

  get needsPath(): boolean {
    return this.#paths.active === undefined || this.#suspectSince !== undefined
  }

  /**
   * Adds a link that this side opened, and challenges it at once.
   *
   * @param tier one of `Tier`; by default `Datagram` for a lossy link and `Message` for any other
   * @throws SttError `STT_INVALID_STATE` without entropy
   */
  add(link: Link, tier: number | undefined, now: number): void {
    if (!this.#probes.canAsk) throw new SttError('STT_INVALID_STATE', NO_ENTROPY)
    this.#paths.add(new Path(link, true, now, tier, link.lossy ? 0 : this.#nextSerial++))
  }

  /** The system cannot send over this link now. It may be wrong, or the problem may pass. */
  onUnreachable(link: Link, now: number): void {
    const path = this.#paths.find(link)
    if (path) this.#onHint(path, now)
  }

  /** The addresses of this machine changed, or it slept: its paths are in doubt. */
  // spec: STT-PKT-54
  onNetworkChange(now: number): void {
    this.#penalties = undefined
    if (this.#paths.active) this.#suspect(now)
    else this.#host.emit({ type: 'path-wanted', anew: true })
  }

  /** The last link is gone. */
  onStranded(): void {
    this.#trust()
    this.#host.emit({ type: 'path-wanted', anew: true })
  }

  onPacket({ link, isEliciting, asks }: Arrival, now: number): boolean {
    const path = this.#paths.find(link)
    if (!path) return false
    path.receivedAt = now
    if (isEliciting) path.wasElicited = true
    // spec: STT-PKT-56
    if (asks && path === this.#paths.active && link.lossy) this.#onHint(path, now)
    return true
  }

  onAnswered(path: Path, now: number): void {
    if (path === this.#paths.active) {
      path.roundTripAt = now
      // The wait for earlier packets begins anew: else the path would be in doubt again at once.
      if (path.unansweredSince < now) path.unansweredSince = now
      return this.#trust()
    }
    // A second answer in a row shows that the first was no accident: the next challenge goes out at once.
    path.nextChallengeAt = path.answers < ANSWERS_TO_MOVE_UP ? now : now + this.#upkeep(path)
    if (path.answers === 1) this.#host.emit({ type: 'path-validated', link: path.link })
    this.#choose(now)
  }

  onTime(now: number): void {
    const { active } = this.#paths
    if (!active) {
      this.#choose(now)
    } else if (this.#suspectSince === undefined) {
      if (now >= this.#silenceAt(active)) this.#suspect(now)
      else if (now >= this.#roundTripDueAt(active)) {
        active.wasElicited = false
        this.#host.ping()
      }
    } else if (active.roundTripAt >= this.#suspectSince && !this.#asksForSize(active)) this.#trust()
    if (now >= this.#wantedAgainAt) this.#want(true, now)
    if (this.#suspectSince !== undefined || now >= this.#mayMoveUpAt()) this.#choose(now)
  }

  onStall(now: number): void {
    for (const path of this.#paths.all) {
      path.receivedAt = now
      path.challenges.length = 0
      if (path.unansweredSince < now) path.unansweredSince = now
    }
  }

  next(now: number): PathPacket | undefined {
    if (!this.#probes.canAsk) return undefined
    const { active, others } = this.#paths
    if (active && this.#suspectSince !== undefined && this.#tries <= enoughFor(active) && now >= this.#nextTryAt) {
      this.#tries++
      this.#nextTryAt = now + this.#tryInterval(active)
      return this.#probes.challenge(active, active.link.lossy ? FULL_SIZE : LEAST_SIZE)
    }
    for (const path of others) {
      if (now < path.nextChallengeAt) continue
      // spec: STT-PKT-49
      if (path.challenges.length >= TRIES) {
        this.#paths.remove(path)
        continue
      }
      if (path.challenges.length > 0) path.answers = 0
      path.nextChallengeAt = now + this.#patience * 2 ** path.challenges.length
      const joinSerial = path.validated ? 0 : path.joinSerial
      const size = path.link.lossy ? FULL_SIZE : joinSerial > 0 ? LEAST_JOIN_SIZE : LEAST_SIZE
      return this.#probes.challenge(path, size, joinSerial)
    }
    return undefined
  }

  deadline(now: number): number {
    const { active, others } = this.#paths
    let deadline = Math.min(this.#wantedAgainAt, this.#mayMoveUpAt())
    if (active && this.#suspectSince === undefined) {
      deadline = Math.min(deadline, this.#silenceAt(active), this.#roundTripDueAt(active))
    } else if (active && this.#nextTryAt > now) deadline = Math.min(deadline, this.#nextTryAt)
    if (this.#probes.canAsk) for (const path of others) deadline = Math.min(deadline, path.nextChallengeAt)
    return deadline
  }

  /** When the active path becomes suspect unless a packet is acknowledged before. */
  // spec: STT-PKT-52
  #silenceAt({ unansweredSince, recovery, receivedAt }: Path): number {
    const inAnyCase = unansweredSince + LONGEST_SILENCE
    const hasProbed = recovery !== undefined && recovery.probesInARow >= 2
    return hasProbed ? Math.min(inAnyCase, receivedAt + LEAST_SILENCE) : inAnyCase
  }

  /** When a side that only receives sends a PING. */
  // spec: STT-PKT-53
  #roundTripDueAt({ wasElicited, unansweredSince, roundTripAt }: Path): number {
    const isDue = wasElicited && unansweredSince === Number.POSITIVE_INFINITY
    return isDue ? roundTripAt + LONGEST_WITHOUT_ROUND_TRIP : Number.POSITIVE_INFINITY
  }

  /** A hint that may be wrong puts a path in doubt. */
  #onHint(path: Path, now: number): void {
    if (now < this.#nextHintAt) return
    this.#nextHintAt = now + HINT_INTERVAL
    if (path === this.#paths.active) this.#suspect(now)
    else this.#askAnew(path, now)
  }

  #suspect(now: number): void {
    this.#host.ping()
    if (this.#suspectSince !== undefined) return
    this.#suspectSince = now
    this.#tries = 0
    this.#nextTryAt = now
    for (const path of this.#paths.others) this.#askAnew(path, now)
    this.#want(false, now)
  }

  #trust(): void {
    this.#suspectSince = undefined
    this.#wantedAgainAt = Number.POSITIVE_INFINITY
  }

  #want(anew: boolean, now: number): void {
    this.#wantedAgainAt = now + WANTED_AGAIN_AFTER
    this.#host.emit({ type: 'path-wanted', anew })
  }

  #askAnew(path: Path, now: number): void {
    path.challenges.length = 0
    path.nextChallengeAt = now
  }

  /** Moves if there is a reason and a better path. */
  #choose(now: number): void {
    const { active } = this.#paths
    if (active && this.#suspectSince !== undefined) {
      if (this.#hasGivenUp(active, now)) this.#leave(active, this.#suspectSince, now)
      return
    }
    const best = this.#best(path => (active ? this.#isBetter(path, active, now) : path.validated))
    if (best) this.#paths.moveTo(best, active ? 'better' : 'closed', now)
    if (best && !active) this.#trust()
  }

  // spec: STT-PKT-52
  #leave(active: Path, since: number, now: number): void {
    const next = this.#best(({ answeredAt }) => answeredAt >= since)
    if (!next) return
    this.#penalties ??= new Penalties()
    this.#penalties.add(active.link.remote, now)
    this.#trust()
    this.#paths.moveTo(next, 'silent', now)
  }

  /** Whether enough challenges since the suspicion went unanswered. */
  #hasGivenUp(active: Path, now: number): boolean {
    const enough = enoughFor(active)
    return this.#tries > enough || (this.#tries === enough && now >= this.#nextTryAt)
  }

  /** Milliseconds between challenges. Many are sent close together, and the last has as long for its answer as one alone. */
  #tryInterval(active: Path): number {
    const timeout = Math.max(probeTimeoutOf(active), LEAST_TRY_INTERVAL)
    if (!active.link.lossy || this.#tries >= ENOUGH_WHERE_LOSSY) return timeout
    return Math.min(Math.max(timeout / 4, CLOSEST_TRIES), CLOSE_TRIES)
  }

  /** A path may carry only small packets, so acknowledgements are not enough there: the answer to a large challenge counts. */
  // spec: STT-PKT-56
  #asksForSize({ link }: Path): boolean {
    return link.lossy && this.#probes.canAsk
  }

  // spec: STT-PKT-49
  #isBetter(path: Path, active: Path, now: number): boolean {
    return path.answers >= ANSWERS_TO_MOVE_UP && path.tier < active.tier && now >= this.#mayReturnAt(path)
  }

  #mayMoveUpAt(): number {
    const { active, others } = this.#paths
    let at = Number.POSITIVE_INFINITY
    if (!active || this.#suspectSince !== undefined) return at
    for (const path of others) {
      if (path.answers >= ANSWERS_TO_MOVE_UP && path.tier < active.tier) {
        at = Math.min(at, this.#mayReturnAt(path))
      }
    }
    return at
  }

  #mayReturnAt({ link }: Path): number {
    return this.#penalties?.until(link.remote) ?? Number.NEGATIVE_INFINITY
  }

  /** The suitable path of the lowest tier; among several the one that answered last. */
  #best(willDo: (path: Path) => boolean): Path | undefined {
    let best: Path | undefined
    for (const path of this.#paths.others) {
      if (!path.validated || !willDo(path)) continue
      if (!best || path.tier < best.tier || (path.tier === best.tier && path.answeredAt > best.answeredAt)) best = path
    }
    return best
  }

  /** Milliseconds that the first challenge of a path waits for its answer. */
  get #patience(): number {
    return Math.max(probeTimeoutOf(this.#paths.active), LEAST_PATIENCE)
  }

  /** Milliseconds until a standby path is challenged again: random, so that sessions do not do so together. */
  // spec: STT-PKT-51
  #upkeep({ link }: Path): number {
    const [byte] = this.#entropy?.(1) ?? [128]
    return (link.lossy ? 20_000 : 50_000) * (0.8 + (0.4 * byte!) / 255)
  }
}

const NO_ENTROPY =
  'this session was made without entropy, so it cannot check that its peer is at the end of a link: pass entropy'
const TRIES = 3
/**
 * Unanswered challenges after which the active path is left. At 30 % loss each way half of the challenges over a datagram link
 * go unanswered, and a path that loses so much is in doubt every few seconds.
 */
const enoughFor = ({ link }: Path): number => (link.lossy ? ENOUGH_WHERE_LOSSY : ENOUGH_WHERE_RELIABLE)
const ENOUGH_WHERE_LOSSY = 12
const ENOUGH_WHERE_RELIABLE = 2
const ANSWERS_TO_MOVE_UP = 2
/** Milliseconds. */
const LEAST_PATIENCE = 250
const LEAST_TRY_INTERVAL = 150
const CLOSEST_TRIES = 50
const CLOSE_TRIES = 100
const HINT_INTERVAL = 1_000
/** Milliseconds without any packet after two unanswered probes in a row … */
const LEAST_SILENCE = 1_000
/** … or without an acknowledgement, however many packets came. */
const LONGEST_SILENCE = 3_000
const LONGEST_WITHOUT_ROUND_TRIP = 1_000
const WANTED_AGAIN_AFTER = 10_000
