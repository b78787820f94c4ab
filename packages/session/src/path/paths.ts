import { SttError } from '@stt/errors'
import { isSameLink, type Link } from '@stt/frame'
import type { SessionEvent } from '../session-events.ts'
import { Path } from './path.ts'

/** What follows in a session from what becomes of its paths. */
export interface PathsHost {
  readonly emit: (event: SessionEvent) => void
  /** Nothing goes over this link any more: what was not acknowledged there is sent again. */
  readonly onLeft: (link: Link) => void
  /** Packets can leave, over another path than before. */
  readonly onActive: () => void
}

/**
 * The ways to the peer that one session has: the active one, and a few more that it may move to. Which of them the next
 * packet takes is decided here.
 */
export class Paths {
  readonly #host: PathsHost
  #active: Path | undefined
  /** Oldest first. */
  #others: readonly Path[] = NONE

  constructor(host: PathsHost) {
    this.#host = host
  }

  /** Where packets go now; `undefined` while the session has no link. */
  get active(): Path | undefined {
    return this.#active
  }

  /** Those that the session may move to, oldest first. */
  get others(): readonly Path[] {
    return this.#others
  }

  /** Every link that the session uses, the active one first. */
  get links(): Link[] {
    const links = this.#others.map(({ link }) => link)
    return this.#active ? [this.#active.link, ...links] : links
  }

  find(link: Link): Path | undefined {
    const active = this.#active
    if (active && isSameLink(active.link, link)) return active
    for (const path of this.#others) if (isSameLink(path.link, link)) return path
    return undefined
  }

  /** Whether the session may still move to this path. */
  has(path: Path): boolean {
    return this.#others.includes(path)
  }

  /** Sends over `link` from now on, whatever there was before: a handshake ran over it, or its owner knows. */
  attach(link: Link): void {
    if (this.#active) this.#leave(this.#active)
    this.#activate(new Path(link, false))
  }

  /**
   * Takes a link in beside the active one. Where there are enough the oldest that proved nothing makes room.
   *
   * @param isOwn whether this side opened it
   * @returns undefined when all of them have proved themselves
   */
  // spec: STT-PKT-48
  add(link: Link, isOwn: boolean): Path | undefined {
    if (this.#others.length >= MAX_OTHERS) {
      const unproved = this.#others.find(path => !path.validated)
      if (!unproved) return undefined
      this.remove(unproved)
    }
    const path = new Path(link, isOwn)
    this.#others = [...this.#others, path]
    this.#host.emit({ type: 'path-opened', link })
    return path
  }

  /** The peer is where `path` leads: a responder follows it there, and an initiator may go. */
  onProved(path: Path): void {
    if (path.isOwn) this.#host.emit({ type: 'path-validated', link: path.link })
    else this.moveTo(path)
  }

  /**
   * Goes on over another path.
   *
   * @throws SttError `STT_INVALID_STATE` for one that is not proved
   */
  // spec: STT-PKT-37 STT-PKT-49
  moveTo(path: Path): void {
    const left = this.#active
    if (path === left) return
    if (!path.validated) throw notProved(path.link)
    if (left) this.#leave(left)
    this.#drop(path)
    this.#activate(path)
    this.#host.emit({ type: 'path-changed', link: path.link })
    if (!left) return
    // spec: STT-REC-52 (a listener's address is forgotten; what has a connection, or is this side's own, can be come back to)
    if (path.isOwn || left.isOwn || !left.link.lossy) this.#others = [...this.#others, left]
    else this.#host.emit({ type: 'path-closed', link: left.link })
  }

  /**
   * The link is gone. Where it was the active one, the session goes on over another that was proved.
   *
   * @returns whether nothing goes out any more, over no link of the session
   */
  // spec: STT-PKT-32
  lose(link: Link): boolean {
    const path = this.find(link)
    if (!path) return false
    if (path !== this.#active) {
      this.#drop(path)
      return this.links.length === 0
    }
    this.#leave(path)
    const next = this.#others.find(({ validated }) => validated)
    if (next) this.moveTo(next)
    return next === undefined
  }

  /** The session has no more use for a link beside the active one. */
  remove(path: Path): void {
    this.#drop(path)
    this.#host.emit({ type: 'path-closed', link: path.link })
  }

  #drop(path: Path): void {
    this.#others = this.#others.filter(other => other !== path)
  }

  #activate(path: Path): void {
    this.#active = path
    path.start()
    this.#host.onActive()
  }

  #leave({ link }: Path): void {
    this.#active = undefined
    this.#host.onLeft(link)
  }
}

function notProved({ remote }: Link): SttError {
  const message = `the peer has not answered over the link to ${remote}: wait for path-validated before the session moves there`
  return new SttError('STT_INVALID_STATE', message)
}

/** Links beside the active one. */
const MAX_OTHERS = 3
/** Of most sessions: one for all of them takes no memory of each. */
const NONE: readonly Path[] = []
