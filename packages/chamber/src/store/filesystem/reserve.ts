import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { type Files, isFileError, removeFile } from './files.ts'
import type { Folders } from './folders.ts'

/**
 * Space that is held back while the disk has some: two files beside the objects. When the disk is full, deleting them makes
 * room for the small writes that it takes to delete more.
 */
// spec: STT-CHA-28
export class Reserve {
  readonly #files: Files
  readonly #folders: Folders
  readonly #folder: string
  #isSpent = false
  #filling: Promise<void> | undefined

  /** @param folder for the reserve alone */
  constructor(files: Files, folders: Folders, folder: string) {
    this.#files = files
    this.#folders = folders
    this.#folder = folder
  }

  /** Whether the reserve was used and is not filled again. */
  get isSpent(): boolean {
    return this.#isSpent
  }

  /** Fills the reserve, as far as there is space. */
  fill(): Promise<void> {
    this.#filling ??= this.#fill().finally(() => {
      this.#filling = undefined
    })
    return this.#filling
  }

  async #fill(): Promise<void> {
    this.#isSpent = true
    try {
      await this.#folders.ensure(this.#folder)
      for (const path of this.#paths()) await this.#fillOne(path)
      this.#isSpent = false
    } catch (error) {
      // It is filled after a delete, or when the chamber is opened.
      if (!isFull(error)) throw error
    }
  }

  /** Frees the reserve. @returns whether there was some */
  async release(): Promise<boolean> {
    if (this.#isSpent) return false
    this.#isSpent = true
    for (const path of this.#paths()) await removeFile(this.#files, path)
    return true
  }

  #paths(): string[] {
    return NAMES.map(name => join(this.#folder, name))
  }

  async #fillOne(path: string): Promise<void> {
    if (await this.#isFilled(path)) return
    await removeFile(this.#files, path)
    const file = await this.#files.open(path, 'wx', 0o600)
    try {
      // Random bytes: a file system that compresses would reserve no space for zeros.
      const bytes = randomBytes(LENGTH)
      for (let at = 0; at < LENGTH; ) at += (await file.write(bytes, at, LENGTH - at, at)).bytesWritten
      await file.sync()
    } catch (error) {
      await removeFile(this.#files, path)
      throw error
    } finally {
      await file.close()
    }
  }

  async #isFilled(path: string): Promise<boolean> {
    try {
      const status = await this.#files.lstat(path)
      return status.isFile() && status.size === LENGTH
    } catch (error) {
      if (isFileError(error, 'ENOENT')) return false
      throw error
    }
  }
}

export function isFull(error: unknown): boolean {
  return isFileError(error, 'ENOSPC', 'EDQUOT')
}

/** One for a record, one for a head pointer: a quota may count files too. */
const NAMES = ['1', '2']
/** Bytes of each file. A record that deletes the longest key is larger than one and smaller than both. */
const LENGTH = 64 * 1024
