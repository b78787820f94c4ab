import { dirname } from 'node:path'
import { type Files, isFileError } from './files.ts'
import { checkFolder } from './safe-folder.ts'

/** Makes folders that survive a loss of power, and checks existing ones before their first use. */
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
      // After a failure the next call tries again.
      ready.catch(() => this.#ready.delete(path))
    }
    return ready
  }

  /**
   * Whether a folder is there.
   *
   * @param path the root, or a folder beneath it
   * @throws STT_CHAMBER_STORE for a folder to which others may write, or that leads elsewhere
   */
  // spec: STT-CHA-25
  async has(path: string): Promise<boolean> {
    if (this.#checked.has(path)) return true
    if (path !== this.#root && !(await this.has(dirname(path)))) return false
    try {
      // The caller chooses the root, which may be a link; beneath it there are no links.
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
    // An existing folder may not be durable: its maker may have died before that.
    await this.sync(dirname(path))
  }

  /** Makes the root and the folders above it; existing ones are not touched. */
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

  /** @returns whether it was made now */
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
