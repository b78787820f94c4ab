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
  readonly #others = new Map<Link, Path>()

  constructor(host: PathsHost) {
    this.#host = host
  }

  /** Where packets go now; `undefined` while the session has no link. */
  get active(): Path | undefined {
    return this.#active
  }

  /** Those that the session may move to, oldest first. */
  get others(): Iterable<Path> {
    return this.#others.values()
  }

  /** Every link that the session uses, the active one first. */
  get links(): Link[] {
    const links = [...this.#others.keys()]
    return this.#active ? [this.#active.link, ...links] : links
  }

  find(link: Link): Path | undefined {
    const active = this.#active
    if (active && isSameLink(active.link, link)) return active
    const known = this.#others.get(link)
    if (known) return known
    for (const path of this.#others.values()) if (isSameLink(path.link, link)) return path
    return undefined
  }

  /** Whether the session may still move to this path. */
  has(path: Path): boolean {
    return this.#others.get(path.link) === path
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
    if (this.#others.size >= MAX_OTHERS) {
      const unproved = [...this.#others.values()].find(path => !path.validated)
      if (!unproved) return undefined
      this.remove(unproved)
    }
    const path = new Path(link, isOwn)
    this.#others.set(link, path)
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
    this.#others.delete(path.link)
    this.#activate(path)
    this.#host.emit({ type: 'path-changed', link: path.link })
    if (!left) return
    // spec: STT-REC-52 (a listener's address is forgotten; what has a connection, or is this side's own, can be come back to)
    if (path.isOwn || left.isOwn || !left.link.lossy) this.#others.set(left.link, left)
    else this.#host.emit({ type: 'path-closed', link: left.link })
  }

  /**
   * The link is gone. Where it was the active one, the session goes on over another that was proved.
   *
   * @returns whether there is none
   */
  // spec: STT-PKT-32
  lose(link: Link): boolean {
    const path = this.find(link)
    if (!path) return false
    if (path !== this.#active) {
      this.#others.delete(path.link)
      return false
    }
    this.#leave(path)
    for (const next of this.#others.values()) {
      if (!next.validated) continue
      this.moveTo(next)
      return false
    }
    return true
  }

  /** The session has no more use for a link beside the active one. */
  remove({ link }: Path): void {
    this.#others.delete(link)
    this.#host.emit({ type: 'path-closed', link })
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
