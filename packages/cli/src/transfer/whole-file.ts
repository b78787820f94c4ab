import { closeSync, fchmodSync, futimesSync, readSync, unlinkSync, writeSync } from 'node:fs'
import { MAX_WHOLE, NOT_WHAT_WAS_SENT, Refusal, type WholeFile } from '@stt/transfer'
import { hashOf } from './hash.ts'
import { EXISTS, NO_FILE, type TargetFolder } from './target-folder.ts'

/**
 * Takes a file that came whole: it has its name when this returns, or the same one had it before. Nothing waits in between, as
 * of thousands of small files that would be most of the time.
 *
 * @param part where it is written before it has its name
 * @throws Refusal, or what the system says
 */
export function takeWhole(folder: TargetFolder, part: string, file: Omit<WholeFile, 'type'>): 'done' | 'had' {
  const target = folder.place(file.path)
  // Who puts something there meanwhile is noticed when the file gets its name.
  if (!folder.isNew(file.path) && isThere(folder, target, part, file)) return 'had'
  write(folder, part, target, file)
  return 'done'
}

/** What came of a small file that is sent in pieces. */
export class SmallFile {
  readonly bytes: Uint8Array
  #length = 0

  constructor(size: number) {
    this.bytes = new Uint8Array(size)
  }

  write(bytes: Uint8Array): void {
    this.bytes.set(bytes, this.#length)
    this.#length += bytes.length
  }

  hole(length: number): void {
    this.#length += length
  }
}

/** @throws Refusal where another file has its name, and keeps it */
function isThere(folder: TargetFolder, target: string, part: string, file: Omit<WholeFile, 'type'>): boolean {
  const found = folder.look(target)
  if (!found) return false
  if (!found.isFile()) throw new Refusal(NO_FILE)
  const fd = found.size === file.bytes.length ? folder.openKept(target) : undefined
  try {
    if (fd !== undefined && isOnDisk(fd, file)) {
      folder.removeNamed(part, found)
      return true
    }
  } finally {
    if (fd !== undefined) closeSync(fd)
  }
  if (!folder.overwrites) throw new Refusal(EXISTS)
  return false
}

function write(folder: TargetFolder, part: string, target: string, file: Omit<WholeFile, 'type'>): void {
  const fd = folder.createPart(part)
  let isOpen = true
  try {
    const { bytes, mode, modified } = file
    for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done, bytes.length - done, done)
    if (!isOnDisk(fd, file)) throw new Refusal(NOT_WHAT_WAS_SENT)
    // Whoever receives it can read it.
    fchmodSync(fd, (mode & 0o777) | 0o400)
    futimesSync(fd, modified / 1_000, modified / 1_000)
    isOpen = false
    closeSync(fd)
    folder.finish(part, target)
  } catch (error) {
    if (isOpen) closeSync(fd)
    unlinkSync(part)
    throw error
  }
}

/** Whether a file holds what was sent and no more, as the disk gives it back. */
function isOnDisk(fd: number, { bytes, hash }: Pick<WholeFile, 'bytes' | 'hash'>): boolean {
  let length = 0
  while (length <= bytes.length) {
    const read = readSync(fd, readBack, length, bytes.length + 1 - length, length)
    if (read === 0) break
    length += read
  }
  return length === bytes.length && Buffer.compare(hashOf(readBack.subarray(0, length)), hash) === 0
}

/** One byte more than a file that comes whole may have. */
const readBack = Buffer.allocUnsafe(MAX_WHOLE + 1)
