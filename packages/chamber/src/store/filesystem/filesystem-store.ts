import { randomBytes } from 'node:crypto'
import * as nodeFiles from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { bytesOf } from '@stt/errors'
import { collectUpTo, once } from '../../bytes.ts'
import { invalid } from '../../failures.ts'
import { checkPutOptions, checkRange, checkSource, checkText } from '../arguments.ts'
import type { ChamberStore, PutOptions, StoreRange } from '../chamber-store.ts'
import { checkName, isName } from '../names.ts'
import { type DirectoryEntry, type Files, isFileError, type OpenFile, removeFile } from './files.ts'
import { Folders } from './folders.ts'
import { openRegularFile } from './regular-file.ts'
import { isFull, Reserve } from './reserve.ts'
import { acquireLock } from './socket-lock.ts'

/** Takes the only claim to a folder. @throws STT_CHAMBER_LOCKED */
export type Lock = (folder: string) => Promise<() => Promise<void>>

// A durable object is written as a file of another name, made safe with fsync, linked to its name (which, unlike a rename,
// never replaces), and its folder made safe too.

/**
 * A store in a folder, which is made if it does not exist, on a local file system of Linux or macOS. Files are 0600 in
 * folders that are 0700.
 */
export const FilesystemStore: new (path: string) => ChamberStore = class FilesystemStore implements ChamberStore {
  readonly #root: string
  readonly #files: Files
  readonly #folders: Folders
  readonly #lock: Lock
  readonly #reserves = new Map<string, Reserve>()

  /** Tests give another file system, or another lock. */
  constructor(path: string, { files = nodeFiles, lock = acquireLock }: { files?: Files; lock?: Lock } = {}) {
    checkPath(path)
    this.#root = resolve(path)
    this.#files = files
    this.#folders = new Folders(files, this.#root)
    this.#lock = lock
  }

  async get(name: string, range?: StoreRange): Promise<AsyncIterable<Uint8Array<ArrayBuffer>> | undefined> {
    checkName(name)
    const { start, end } = checkRange(range)
    const path = join(this.#root, name)
    if (!(await this.#folders.has(dirname(path)))) return undefined
    const file = await openRegularFile(this.#files, path)
    return file && new FilePieces(file, start, end)
  }

  async putIfAbsent(name: string, source: AsyncIterable<Uint8Array>, options: PutOptions): Promise<boolean> {
    checkName(name)
    checkSource(source)
    const { durable, urgent } = checkPutOptions(options)
    if (!urgent) return this.#put(name, source, durable)
    const bytes = (await collectUpTo(source, Number.MAX_SAFE_INTEGER))!
    try {
      return await this.#put(name, once(bytes), durable)
    } catch (error) {
      if (!isFull(error) || !(await this.#reserveOf(name).release())) throw error
    }
    return this.#put(name, once(bytes), durable)
  }

  async delete(name: string): Promise<void> {
    checkName(name)
    const path = join(this.#root, name)
    if (!(await this.#folders.has(dirname(path)))) return
    await removeFile(this.#files, path)
    const reserve = this.#reserveOf(name)
    if (reserve.isSpent) await reserve.fill()
  }

  async *list(prefix: string): AsyncIterable<string> {
    checkText(prefix, 'prefix')
    const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1)
    if (folder !== '') checkName(`${folder}x`)
    for await (const name of this.#walk(folder)) if (name.startsWith(prefix)) yield name
  }

  async lock(scope: string): Promise<() => Promise<void>> {
    checkName(`${scope}/x`)
    const folder = join(this.#root, scope, LOCK_FOLDER)
    await this.#folders.ensure(folder)
    const release = await this.#lock(folder)
    try {
      await this.#removeTemporaryFiles(scope)
      await this.#reserveOf(`${scope}/`).fill()
    } catch (error) {
      await release()
      throw error
    }
    return release
  }

  async #put(name: string, source: AsyncIterable<Uint8Array>, durable: boolean): Promise<boolean> {
    const path = join(this.#root, name)
    await this.#folders.ensure(dirname(path))
    return durable ? this.#putDurable(name, path, source) : this.#write(path, source, false)
  }

  #reserveOf(name: string): Reserve {
    const scope = scopeOf(name)
    let reserve = this.#reserves.get(scope)
    if (!reserve) {
      reserve = new Reserve(this.#files, this.#folders, join(this.#root, scope, RESERVE_FOLDER))
      this.#reserves.set(scope, reserve)
    }
    return reserve
  }

  // spec: STT-CHA-20
  async #putDurable(name: string, path: string, source: AsyncIterable<Uint8Array>): Promise<boolean> {
    const folder = join(this.#root, scopeOf(name), TEMPORARY_FOLDER)
    await this.#folders.ensure(folder)
    const temporary = join(folder, randomBytes(12).toString('hex'))
    await this.#write(temporary, source, true)
    try {
      await this.#files.link(temporary, path)
    } catch (error) {
      if (isFileError(error, 'EEXIST')) return false
      throw error
    } finally {
      await removeFile(this.#files, temporary)
    }
    await this.#folders.sync(dirname(path))
    return true
  }

  /** Writes a new file; a failure leaves none. */
  async #write(path: string, source: AsyncIterable<Uint8Array>, durable: boolean): Promise<boolean> {
    let file: OpenFile
    try {
      file = await this.#files.open(path, 'wx', 0o600)
    } catch (error) {
      if (isFileError(error, 'EEXIST')) return false
      throw error
    }
    try {
      try {
        await writeAll(file, source)
        if (durable) await file.sync()
      } finally {
        await file.close()
      }
    } catch (error) {
      await removeFile(this.#files, path)
      throw error
    }
    return true
  }

  async *#walk(folder: string): AsyncGenerator<string, void, undefined> {
    for (const entry of await this.#entries(folder)) {
      const name = folder + entry.name
      // Folders, and files that others put there, are not objects.
      if (entry.name.startsWith('.')) continue
      if (entry.isDirectory() && isName(`${name}/x`)) yield* this.#walk(`${name}/`)
      else if (!entry.isDirectory() && isName(name)) yield name
    }
  }

  async #entries(folder: string): Promise<DirectoryEntry[]> {
    // Without the slash at its end, behind which a system looks through a link.
    const path = join(this.#root, folder.replace(/\/$/, ''))
    if (!(await this.#folders.has(path))) return []
    try {
      return await this.#files.readdir(path, { withFileTypes: true })
    } catch (error) {
      if (isFileError(error, 'ENOENT', 'ENOTDIR')) return []
      throw error
    }
  }

  /** Deletes the files that a writer left when it was killed during a write. */
  async #removeTemporaryFiles(scope: string): Promise<void> {
    const folder = join(scope, TEMPORARY_FOLDER)
    for (const entry of await this.#entries(folder)) {
      if (!entry.isFile() || !TEMPORARY_NAME.test(entry.name)) continue
      await removeFile(this.#files, join(this.#root, folder, entry.name))
    }
  }
}

export type FilesystemStore = ChamberStore

/** Reads an open file in pieces, and closes it at the end, early or not. */
class FilePieces implements AsyncIterableIterator<Uint8Array<ArrayBuffer>> {
  readonly #file: OpenFile
  readonly #end: number
  #position: number
  #length = FIRST_READ
  #closed = false

  constructor(file: OpenFile, start: number, end: number) {
    this.#file = file
    this.#position = start
    this.#end = end
  }

  async next(): Promise<IteratorResult<Uint8Array<ArrayBuffer>, undefined>> {
    const length = Math.min(this.#length, this.#end - this.#position)
    if (this.#closed || length <= 0) return this.return()
    try {
      const buffer = new Uint8Array(length)
      const { bytesRead } = await this.#file.read(buffer, 0, length, this.#position)
      if (bytesRead === 0) return this.return()
      this.#position += bytesRead
      // Most files are small, and a short read is the last one.
      this.#length = bytesRead === length ? Math.min(4 * length, LONGEST_READ) : LAST_READ
      return { done: false, value: buffer.subarray(0, bytesRead) }
    } catch (error) {
      await this.return()
      throw error
    }
  }

  async return(): Promise<IteratorResult<Uint8Array<ArrayBuffer>, undefined>> {
    if (!this.#closed) {
      this.#closed = true
      await this.#file.close()
    }
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}

async function writeAll(file: OpenFile, source: AsyncIterable<Uint8Array>): Promise<void> {
  let position = 0
  for await (const piece of source) {
    const bytes = bytesOf(piece, 'a piece of an object')
    for (let offset = 0; offset < bytes.length; ) {
      const { bytesWritten } = await file.write(bytes, offset, bytes.length - offset, position)
      offset += bytesWritten
      position += bytesWritten
    }
  }
}

function checkPath(path: string): void {
  checkText(path, 'the path of the folder')
  if (path !== '' && !path.includes('\0')) return
  throw invalid('the path of the folder is empty, or has a zero character in it')
}

function scopeOf(name: string): string {
  return name.slice(0, name.indexOf('/'))
}

const FIRST_READ = 20 * 1024
const LAST_READ = 512
const LONGEST_READ = 320 * 1024
const TEMPORARY_FOLDER = '.tmp'
const TEMPORARY_NAME = /^[0-9a-f]{24}$/
const LOCK_FOLDER = '.lock'
const RESERVE_FOLDER = '.spare'
