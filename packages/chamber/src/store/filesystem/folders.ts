import { dirname } from 'node:path'
import { type Files, isFileError } from './files.ts'

/** Makes folders that survive a loss of power, each once. */
export class Folders {
  readonly #files: Files
  readonly #root: string
  readonly #ready = new Map<string, Promise<void>>()

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
    if (path === this.#root) return this.#makeRoot(path)
    await this.ensure(dirname(path))
    await this.#makeOne(path)
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
