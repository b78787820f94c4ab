import { closeSync, fstatSync, openSync, readSync, type Stats } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { CHANGED, NotSent, type OpenSource, type TransferSource } from '@stt/transfer'
import { hasCode, reasonOf } from '../cli-error.ts'
import type { Entry } from './scan.ts'

/** Reads the files of this machine. */
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
   * Reads bytes to send synchronously: a disk is much faster than a thread that waits for it, and flow control gives other work its
   * turn. Bytes that are only compared are read in larger pieces, in the background.
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

/** Reads a file synchronously: with thousands of small files, promises would take most of the time. @param bytes of the file's size */
function readWhole(entry: Entry, bytes: Uint8Array): void {
  const file = openSync(entry.source, 'r')
  try {
    let length = 0
    for (let read = -1; length < bytes.length && read !== 0; length += read) {
      read = readSync(file, bytes, length, bytes.length - length, length)
    }
    // This comes afterwards: a file that was changed before or meanwhile has another time by now.
    if (length < bytes.length || isChanged(fstatSync(file), entry)) throw new NotSent(CHANGED)
  } finally {
    closeSync(file)
  }
}

/** Turns an error of this file into a `NotSent`, and leaves other errors as they are. */
const asNotSent = (error: unknown): unknown =>
  error instanceof Error && 'syscall' in error && hasCode(error, ...OWN)
    ? new NotSent(`cannot read it: ${reasonOf(error)}`, { cause: error })
    : error

const isChanged = ({ size, mtimeMs }: Stats, entry: Entry): boolean =>
  size !== entry.size || Math.max(0, Math.floor(mtimeMs)) !== entry.modified

/** The largest piece that is sent, in bytes. */
const MOST_AT_ONCE = 262_144
/** Codes of the system's errors for a file that cannot be read. */
const OWN = ['ENOENT', 'EACCES', 'EPERM', 'EISDIR', 'EIO', 'ELOOP', 'ENXIO', 'EBUSY', 'ESTALE', 'ENOTDIR']
