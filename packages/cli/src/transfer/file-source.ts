import { closeSync, fstatSync, openSync, readSync, type Stats } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { CHANGED, NotSent, type OpenSource, type TransferSource } from '@stt/transfer'
import { hasCode, reasonOf } from '../cli-error.ts'
import type { Entry } from './scan.ts'

/** The files of this machine. */
export const fileSource: TransferSource<Entry> = {
  readWhole(entry, bytes) {
    try {
      readWhole(entry, bytes)
    } catch (error) {
      throw asNotSent(error)
    }
  },
  async open(entry) {
    try {
      return new OpenFile(await open(entry.source, 'r'), entry)
    } catch (error) {
      throw asNotSent(error)
    }
  },
}

class OpenFile implements OpenSource {
  readonly #file: FileHandle
  readonly #entry: Entry

  constructor(file: FileHandle, entry: Entry) {
    this.#file = file
    this.#entry = entry
  }

  /**
   * What goes out next is read at once: a disk is much faster than what waits for it in a thread, and flow control lets others
   * have their turn. What is only compared is read in larger pieces, and in the background.
   */
  read(bytes: Uint8Array, offset: number): number | Promise<number> {
    if (bytes.length > MOST_AT_ONCE) return this.#readLater(bytes, offset)
    try {
      return readSync(this.#file.fd, bytes, 0, bytes.length, offset)
    } catch (error) {
      throw asNotSent(error)
    }
  }

  async check(): Promise<void> {
    try {
      if (isChanged(await this.#file.stat(), this.#entry)) throw new NotSent(CHANGED)
    } catch (error) {
      throw asNotSent(error)
    }
  }

  close(): Promise<void> {
    return this.#file.close()
  }

  async #readLater(bytes: Uint8Array, offset: number): Promise<number> {
    try {
      return (await this.#file.read(bytes, 0, bytes.length, offset)).bytesRead
    } catch (error) {
      throw asNotSent(error)
    }
  }
}

/** In one go: thousands of small files take most of their time between calls that wait. @param bytes as many as it had */
function readWhole(entry: Entry, bytes: Uint8Array): void {
  const file = openSync(entry.source, 'r')
  try {
    let length = 0
    for (let read = -1; length < bytes.length && read !== 0; length += read) {
      read = readSync(file, bytes, length, bytes.length - length, length)
    }
    // Looked at afterwards: what was changed before or meanwhile has another time by now.
    if (length < bytes.length || isChanged(fstatSync(file), entry)) throw new NotSent(CHANGED)
  } finally {
    closeSync(file)
  }
}

/** What is no fault of that file's stays what it is. */
const asNotSent = (error: unknown): unknown =>
  error instanceof Error && 'syscall' in error && hasCode(error, ...OWN)
    ? new NotSent(`cannot read it: ${reasonOf(error)}`, { cause: error })
    : error

const isChanged = ({ size, mtimeMs }: Stats, entry: Entry): boolean =>
  size !== entry.size || Math.max(0, Math.floor(mtimeMs)) !== entry.modified

/** Bytes: a piece that is sent is no larger. */
const MOST_AT_ONCE = 262_144
/** What the system says of a file that cannot be read. */
const OWN = ['ENOENT', 'EACCES', 'EPERM', 'EISDIR', 'EIO', 'ELOOP', 'ENXIO', 'EBUSY', 'ESTALE', 'ENOTDIR']
