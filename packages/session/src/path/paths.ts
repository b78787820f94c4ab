import { SttError } from '@stt/errors'
import { isSameLink, type Link } from '@stt/frame'
import type { MoveReason, SessionEvent } from '../session-events.ts'
import { Path, probeTimeoutOf } from './path.ts'

/** The session's reactions to changes of its paths. */
export interface PathsHost {
  readonly emit: (event: SessionEvent) => void
  /** Outstanding packets of this path are no longer waited for: their frames are sent again, over another path. */
  readonly onAbandoned: (path: Path) => void
  /** The loss timer of a path that was left is due. */
  readonly onLossTimer: (path: Path, now: number) => void
  /** A path is about to be added: packets of several paths overtake one another. */
  readonly onAdding: () => void
  /** There is a new active path to send over. */
  readonly onActive: () => void
  /** The session has moved, and its peer does not know yet. */
  readonly onMoved: () => void
}

/**
 * The paths of a session: the active one, which packets take, and a few others that it may move to. A `PathChooser` or a
 * `PathFollower` decides when to move.
 */
export class Paths {
  readonly #host: PathsHost
  readonly #room: number
  #active: Path | undefined
  /** Oldest first. */
  #others: readonly Path[] = NONE

  /** @param room the most paths beside the active one */
  constructor(host: PathsHost, room: number) {
    this.#host = host
    this.#room = room
  }

  /** The path that packets take now; `undefined` while the session has no link. */
  get active(): Path | undefined {
    return this.#active
  }

  /** The other paths, oldest first. */
  get others(): readonly Path[] {
    return this.#others
  }

  /** Every path, the active one first. */
  get all(): readonly Path[] {
    return this.#active ? [this.#active, ...this.#others] : this.#others
  }

  /** Whether packets of a path that was left are still outstanding. */
  get isDraining(): boolean {
    return this.#others.some(({ leftAt }) => leftAt !== undefined)
  }

  /** The longest probe timeout of all validated paths, in milliseconds: packets on any of them may still come. */
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

  /** @throws SttError `STT_INVALID_STATE` for a link that the session does not have */
  get(link: Link): Path {
    const path = this.find(link)
    if (path) return path
    const message = `this session does not have the link to ${link.remote}: call addPath first`
    throw new SttError('STT_INVALID_STATE', message)
  }

  /** Whether the path is still among the others. */
  has(path: Path): boolean {
    return this.#others.includes(path)
  }

  /** Sends over `link` from now on. It counts as validated: a handshake ran over it, or the caller knows it. */
  attach(link: Link, tier: number | undefined, now: number): void {
    const left = this.#active
    if (left) this.#abandon(left)
    this.#activate(new Path(link, false, now, tier), now)
  }

  /**
   * Adds a path beside the active one. If there is no room, it replaces the one that has been silent longest, preferably one
   * that is not validated.
   */
  // spec: STT-PKT-48
  add(path: Path): void {
    this.#host.onAdding()
    if (this.#others.length >= this.#room) this.remove(leastUseful(this.#others))
    this.#others = [...this.#others, path]
    this.#host.emit({ type: 'path-opened', link: path.link })
  }

  /**
   * Moves to another path. The session keeps the previous one, and waits for its outstanding packets unless it is known to
   * be dead.
   *
   * @throws SttError `STT_INVALID_STATE` for a path that is not validated
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
   * The link is gone. If it was the active one, the session moves to another validated path.
   *
   * @returns whether the session has no active path any more
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

  /** The session gives up a path that is not active. */
  remove(path: Path): void {
    this.#drop(path)
    this.#abandon(path)
    this.#host.emit({ type: 'path-closed', link: path.link })
  }

  /** Frames on paths that were left are sent again if they are not acknowledged in time. */
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

  /** Acknowledgements come over the new path, which may be slower than the one that was left. */
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

/** Whether the probe timer has fired since the last acknowledgement: then outstanding packets have hardly arrived. */
const hasProbed = ({ recovery }: Path): boolean => recovery !== undefined && recovery.probesInARow > 0

/** The validated path that a packet came over last. */
function freshest(paths: readonly Path[]): Path | undefined {
  let best: Path | undefined
  for (const path of paths) if (path.validated && (!best || path.receivedAt > best.receivedAt)) best = path
  return best
}

/** The path that was silent longest; rather one that is not validated, and rather an address than a connection. */
function leastUseful(paths: readonly Path[]): Path {
  const rank = ({ validated, link }: Path): number => (validated ? 2 : 0) + (link.lossy ? 0 : 1)
  return paths.reduce((least, path) => {
    const difference = rank(path) - rank(least)
    return difference < 0 || (difference === 0 && path.receivedAt < least.receivedAt) ? path : least
  })
}

function notProved({ remote }: Link): SttError {
  const message = `the peer has not answered over the link to ${remote}: wait for path-validated before you move the session there`
  return new SttError('STT_INVALID_STATE', message)
}

/** Milliseconds to wait at most for packets of a path that was left. */
const LONGEST_DRAIN = 30_000
/** One array for the many sessions that have no other paths. */
const NONE: readonly Path[] = []
