import { isSameLink, type Link } from '@stt/frame'
import type { SessionEvent } from '../session-events.ts'
import { Path } from './path.ts'

/** The ways to the peer that one session has: the active one, and a few more that it may move to. */
export class Paths {
  readonly #emit: (event: SessionEvent) => void
  #active: Path | undefined
  /** Oldest first. */
  readonly #others = new Map<Link, Path>()

  constructor(emit: (event: SessionEvent) => void) {
    this.#emit = emit
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

  /**
   * Takes a link in beside the active one. Where there are enough the oldest that proved nothing makes room.
   *
   * @param isOwn whether this side opened it
   * @returns undefined when all of them have proved themselves
   */
  add(link: Link, isOwn: boolean): Path | undefined {
    if (this.#others.size >= MAX_OTHERS) {
      const unproved = [...this.#others.values()].find(path => !path.validated)
      if (!unproved) return undefined
      this.remove(unproved)
    }
    const path = new Path(link, isOwn)
    this.#others.set(link, path)
    this.#emit({ type: 'path-opened', link })
    return path
  }

  /** Sends on `path` from now on. @returns the one before */
  // spec: STT-REC-52
  activate(path: Path): Path | undefined {
    const before = this.#active
    this.#others.delete(path.link)
    this.#active = path
    path.start()
    return before
  }

  /** Keeps a path that was active: the session may come back to it. */
  keep(path: Path): void {
    this.#others.set(path.link, path)
  }

  /** The session has no more use for the link. */
  remove(path: Path): void {
    this.forget(path)
    this.#emit({ type: 'path-closed', link: path.link })
  }

  /** The link is gone, and whoever drives the session knows. */
  forget(path: Path): void {
    if (this.#active === path) this.#active = undefined
    else this.#others.delete(path.link)
  }
}

/** Links beside the active one. */
const MAX_OTHERS = 3
