import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { type Files, isFileError, removeFile } from './files.ts'
import type { Folders } from './folders.ts'

/**
 * Space that is held back while there is some: two files beside the objects. Where the disk is full, deleting them makes room
 * for the little that has to be written so that more can be deleted.
 */
// spec: STT-CHA-28
export class Reserve {
  readonly #files: Files
  readonly #folders: Folders
  readonly #folder: string
  #isSpent = false
  #filling: Promise<void> | undefined

  /** @param folder of its own */
  constructor(files: Files, folders: Folders, folder: string) {
    this.#files = files
    this.#folders = folders
    this.#folder = folder
  }

  /** Whether it was used and could not be filled again. */
  get isSpent(): boolean {
    return this.#isSpent
  }

  /** Holds space back, as far as there is some. */
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
      // Then it is filled when something was deleted, or when the chamber is opened.
      if (!isFull(error)) throw error
    }
  }

  /** Gives the space back to the disk. @returns whether there was some */
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
      // Bytes by chance: a file system that compresses would hold nothing back for zeros.
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

/** A record and a head pointer: where files are counted too, two are given back. */
const NAMES = ['1', '2']
/** Of each. A record that deletes the longest key is larger than one and smaller than both. */
const LENGTH = 64 * 1024
