import { dirname } from 'node:path'
import { type Files, isFileError } from './files.ts'
import { checkFolder } from './safe-folder.ts'

/** Makes folders that survive a loss of power, and looks at those that are there before they are used: each once. */
export class Folders {
  readonly #files: Files
  readonly #root: string
  readonly #ready = new Map<string, Promise<void>>()
  readonly #checked = new Set<string>()

  constructor(files: Files, root: string) {
    this.#files = files
    this.#root = root
  }

  /** @param path the root, or a folder beneath it */
  ensure(path: string): Promise<void> {
    let ready = this.#ready.get(path)
    if (!ready) {
      ready = this.#make(path)
      this.#ready.set(path, ready)
      // What failed is tried again by the next call.
      ready.catch(() => this.#ready.delete(path))
    }
    return ready
  }

  /**
   * Whether a folder is there.
   *
   * @param path the root, or a folder beneath it
   * @throws STT_CHAMBER_STORE for one in which somebody else may have put things, or that leads elsewhere
   */
  // spec: STT-CHA-25
  async has(path: string): Promise<boolean> {
    if (this.#checked.has(path)) return true
    if (path !== this.#root && !(await this.has(dirname(path)))) return false
    try {
      // Where the root lies is for the caller to say, also by a link; beneath it there are no links.
      const status = await (path === this.#root ? this.#files.stat(path) : this.#files.lstat(path))
      if (status.isFile()) return false
      checkFolder(path, status)
    } catch (error) {
      if (isFileError(error, 'ENOENT', 'ENOTDIR')) return false
      throw error
    }
    this.#checked.add(path)
    return true
  }

  /** Makes the names in a folder survive a loss of power. */
  async sync(path: string): Promise<void> {
    const folder = await this.#files.open(path, 'r')
    try {
      await folder.sync()
    } finally {
      await folder.close()
    }
  }

  async #make(path: string): Promise<void> {
    if (path === this.#root) {
      await this.#makeRoot(path)
      await this.has(path)
      return
    }
    await this.ensure(dirname(path))
    await this.#makeOne(path)
    await this.has(path)
    // It may have been there and not be safe: whoever made it may have died before it was.
    await this.sync(dirname(path))
  }

  /** The root and what is above it. What others made is theirs. */
  async #makeRoot(path: string): Promise<void> {
    try {
      if (!(await this.#makeOne(path))) return
    } catch (error) {
      if (!isFileError(error, 'ENOENT') || dirname(path) === path) throw error
      await this.#makeRoot(dirname(path))
      await this.#makeOne(path)
    }
    await this.sync(dirname(path))
  }

  /** @returns whether it was not there */
  async #makeOne(path: string): Promise<boolean> {
    try {
      await this.#files.mkdir(path, { mode: 0o700 })
      return true
    } catch (error) {
      if (isFileError(error, 'EEXIST')) return false
      throw error
    }
  }
}
