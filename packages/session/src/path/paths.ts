import { SttError } from '@stt/errors'
import { isSameLink, type Link } from '@stt/frame'
import type { MoveReason, SessionEvent } from '../session-events.ts'
import { Path, probeTimeoutOf } from './path.ts'

/** What follows in a session from what becomes of its paths. */
export interface PathsHost {
  readonly emit: (event: SessionEvent) => void
  /** What was sent over this path and not acknowledged is waited for no longer: it is sent again, over another. */
  readonly onAbandoned: (path: Path) => void
  /** The timer of the loss recovery of a path that was left is due. */
  readonly onLossTimer: (path: Path, now: number) => void
  /** A second path is about to be added: its packets and those of the first overtake one another. */
  readonly onAdding: () => void
  /** Packets can leave, over another path than before. */
  readonly onActive: () => void
  /** The session has moved by itself, or as it was asked to: its peer does not know yet. */
  readonly onMoved: () => void
}

/**
 * The ways to the peer that one session has: the active one, and a few more that it may move to. Which of them the next
 * packet takes is kept here; when to move, a `PathChooser` or a `PathFollower` decides.
 */
export class Paths {
  readonly #host: PathsHost
  readonly #room: number
  #active: Path | undefined
  /** Oldest first. */
  #others: readonly Path[] = NONE

  /** @param room how many there may be beside the active one */
  constructor(host: PathsHost, room: number) {
    this.#host = host
    this.#room = room
  }

  /** Where packets go now; `undefined` while the session has no link. */
  get active(): Path | undefined {
    return this.#active
  }

  /** Those that the session may move to, oldest first. */
  get others(): readonly Path[] {
    return this.#others
  }

  /** Every path, the active one first. */
  get all(): readonly Path[] {
    return this.#active ? [this.#active, ...this.#others] : this.#others
  }

  /** Whether packets that went over a path before are still waited for. */
  get isDraining(): boolean {
    return this.#others.some(({ leftAt }) => leftAt !== undefined)
  }

  /** The longest of their probe timeouts, in milliseconds: what was sent on any of them may still come. */
  get longestProbeTimeout(): number {
    let longest = probeTimeoutOf(this.#active)
    for (const path of this.#others) if (path.validated) longest = Math.max(longest, probeTimeoutOf(path))
    return longest
  }

  find(link: Link): Path | undefined {
    const active = this.#active
    if (active && isSameLink(active.link, link)) return active
    for (const path of this.#others) if (isSameLink(path.link, link)) return path
    return undefined
  }

  /** @throws SttError `STT_INVALID_STATE` for a link that is none of the session's */
  get(link: Link): Path {
    const path = this.find(link)
    if (path) return path
    const message = `the link to ${link.remote} is none of this session's: addPath comes first`
    throw new SttError('STT_INVALID_STATE', message)
  }

  /** Whether the session may still move to this path. */
  has(path: Path): boolean {
    return this.#others.includes(path)
  }

  /** Sends over `link` from now on, whatever there was before: a handshake ran over it, or its owner knows. */
  attach(link: Link, tier: number | undefined, now: number): void {
    const left = this.#active
    if (left) this.#abandon(left)
    this.#activate(new Path(link, false, now, tier), now)
  }

  /**
   * Takes a link in beside the active one. Where there are enough the one that has been quiet for longest makes room, and
   * sooner one that proved nothing.
   */
  // spec: STT-PKT-48
  add(path: Path): void {
    this.#host.onAdding()
    if (this.#others.length >= this.#room) this.remove(leastUseful(this.#others))
    this.#others = [...this.#others, path]
    this.#host.emit({ type: 'path-opened', link: path.link })
  }

  /**
   * Goes on over another path. What was sent over the one before is waited for, unless that is known to be dead; it stays
   * one of the session's.
   *
   * @throws SttError `STT_INVALID_STATE` for one that is not proved
   */
  // spec: STT-PKT-37 STT-PKT-49
  moveTo(path: Path, reason: MoveReason, now: number): void {
    const left = this.#active
    if (path === left) return
    if (!path.validated) throw notProved(path.link)
    this.#drop(path)
    this.#activate(path, now)
    if (left) this.#keep(left, reason, now)
    this.#tellMoved(path.link, left?.link, reason)
  }

  /**
   * The link is gone. Where it was the active one, the session goes on over another that was proved.
   *
   * @returns whether nothing goes out any more, over no link of the session
   */
  // spec: STT-PKT-32
  lose(link: Link, now: number): boolean {
    const path = this.find(link)
    if (!path) return false
    if (path === this.#active) this.#active = undefined
    else this.#drop(path)
    this.#abandon(path)
    if (this.#active) return false
    const next = freshest(this.#others)
    if (!next) return true
    this.#drop(next)
    this.#activate(next, now)
    this.#tellMoved(next.link, link, 'closed')
    return false
  }

  /** The session has no more use for a link beside the active one. */
  remove(path: Path): void {
    this.#drop(path)
    this.#abandon(path)
    this.#host.emit({ type: 'path-closed', link: path.link })
  }

  /** Of what was sent before the session moved, what is not acknowledged in time is sent again. */
  // spec: STT-PKT-19
  onTime(now: number): void {
    for (const path of this.#others) {
      if (path.leftAt === undefined) continue
      if (path.recovery && now >= path.recovery.deadline) this.#host.onLossTimer(path, now)
      if (path.outstanding === 0) path.leftAt = undefined
      else if (hasProbed(path) || now >= this.#drainedBy(path)) this.#abandon(path)
    }
  }

  /** When `onTime` has something to do. */
  get deadline(): number {
    let deadline = Number.POSITIVE_INFINITY
    for (const path of this.#others) {
      if (path.leftAt === undefined) continue
      deadline = Math.min(deadline, this.#drainedBy(path), path.recovery?.deadline ?? Number.POSITIVE_INFINITY)
    }
    return deadline
  }

  /** The acknowledgements come over the new path, which may be slower than the one that was left. */
  #drainedBy(path: Path): number {
    const patience = Math.max(3 * probeTimeoutOf(path), 2 * probeTimeoutOf(this.#active), path.link.lossy ? 0 : 1_000)
    return Math.min(Math.max(path.leftAt!, path.roundTripAt) + patience, path.leftAt! + LONGEST_DRAIN)
  }

  #keep(left: Path, reason: MoveReason, now: number): void {
    this.#others = [...this.#others, left]
    left.nextChallengeAt = now
    left.answers = 0
    left.challenges.length = 0
    if (reason === 'silent' || reason === 'rebound' || hasProbed(left)) this.#abandon(left)
    else if (left.outstanding > 0) left.leftAt = now
    if (this.#others.length > this.#room) this.remove(leastUseful(this.#others))
  }

  #tellMoved(link: Link, from: Link | undefined, reason: MoveReason): void {
    this.#host.emit({ type: 'path-changed', link, from, reason })
    this.#host.onMoved()
  }

  #abandon(path: Path): void {
    this.#host.onAbandoned(path)
    path.forget()
  }

  #drop(path: Path): void {
    this.#others = this.#others.filter(other => other !== path)
  }

  #activate(path: Path, now: number): void {
    this.#active = path
    path.start(now)
    this.#host.onActive()
  }
}

/** Whether the probe timer has fired since anything was acknowledged: then what is out on the path has hardly arrived. */
const hasProbed = ({ recovery }: Path): boolean => recovery !== undefined && recovery.probesInARow > 0

/** Of those that were proved, the one that was heard last. */
function freshest(paths: readonly Path[]): Path | undefined {
  let best: Path | undefined
  for (const path of paths) if (path.validated && (!best || path.receivedAt > best.receivedAt)) best = path
  return best
}

/** The quietest, sooner of those that proved nothing, and an address sooner than a connection. */
function leastUseful(paths: readonly Path[]): Path {
  const rank = ({ validated, link }: Path): number => (validated ? 2 : 0) + (link.lossy ? 0 : 1)
  return paths.reduce((least, path) => {
    const difference = rank(path) - rank(least)
    return difference < 0 || (difference === 0 && path.receivedAt < least.receivedAt) ? path : least
  })
}

function notProved({ remote }: Link): SttError {
  const message = `the peer has not answered over the link to ${remote}: wait for path-validated before the session moves there`
  return new SttError('STT_INVALID_STATE', message)
}

/** Milliseconds for which packets of a path that was left are waited for, however slowly they are acknowledged. */
const LONGEST_DRAIN = 30_000
/** Of most sessions: one for all of them takes no memory of each. */
const NONE: readonly Path[] = []
