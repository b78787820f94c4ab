import { closeSync, fchmodSync, futimesSync, readSync, unlinkSync, writeSync } from 'node:fs'
import { MAX_WHOLE, NOT_WHAT_WAS_SENT, Refusal, type WholeFile } from '@stt/transfer'
import { hashOf } from './hash.ts'
import { EXISTS, NO_FILE, type TargetFolder } from './target-folder.ts'

/**
 * Takes a file that came whole. When this returns the file has its name, or the same file had it before. All calls are synchronous:
 * with thousands of small files, promises would take most of the time.
 *
 * @param part path of the file before it gets its name
 * @throws Refusal, or the system's error
 */
export function takeWhole(folder: TargetFolder, part: string, file: Omit<WholeFile, 'type'>): 'done' | 'had' {
  const target = folder.place(file.path)
  // A file that appears there meanwhile is noticed when this one gets its name.
  if (!folder.isNew(file.path) && isThere(folder, target, part, file)) return 'had'
  write(folder, part, target, file)
  return 'done'
}

/** The bytes of a small file that comes in pieces. */
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

/** @throws Refusal if another file has its name, and keeps it */
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
    // The user who receives a file can always read it.
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

/** Whether the disk gives back exactly the bytes that were sent. */
function isOnDisk(fd: number, { bytes, hash }: Pick<WholeFile, 'bytes' | 'hash'>): boolean {
  let length = 0
  while (length <= bytes.length) {
    const read = readSync(fd, readBack, length, bytes.length + 1 - length, length)
    if (read === 0) break
    length += read
  }
  return length === bytes.length && Buffer.compare(hashOf(readBack.subarray(0, length)), hash) === 0
}

/** Room for one byte more than a whole file may have. */
const readBack = Buffer.allocUnsafe(MAX_WHOLE + 1)
