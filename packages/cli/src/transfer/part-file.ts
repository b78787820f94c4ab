import { closeSync, fchmodSync, fstatSync, ftruncateSync, futimesSync, readSync, unlinkSync, writeSync } from 'node:fs'
import { TransferProtocolError } from '@stt/transfer'
import { FileHash } from './hash.ts'

/**
 * A file that is being received. It hashes the bytes that it reads back from the disk, not those that came. It gathers small pieces,
 * and makes holes of runs of zeros.
 */
export class PartFile {
  readonly #fd: number
  readonly path: string
  readonly #gathered: Buffer
  #hash = new FileHash()
  #length = 0
  /** Number of gathered bytes, which follow the `#length` written ones. */
  #held = 0
  #isOpen = true

  /** @param gathered `BLOCK` bytes, which one file uses at a time */
  constructor(path: string, fd: number, gathered: Buffer) {
    this.path = path
    this.#fd = fd
    this.#gathered = gathered
  }

  /** Bytes so far, including gathered ones. */
  get length(): number {
    return this.#length + this.#held
  }

  get sizeOnDisk(): number {
    return fstatSync(this.#fd).size
  }

  /** Continues a part of an earlier run, which it reads piece by piece. */
  async resume(size: number, signal: AbortSignal): Promise<void> {
    const left = this.sizeOnDisk
    if (left > size) {
      this.restart()
      return
    }
    for (let turns = 0; this.#length < left; turns++) {
      signal.throwIfAborted()
      // Packets are read between pieces, so the session stays alive during a file of any size.
      if (turns % 4 === 3) await new Promise(setImmediate)
      this.#readBack(Math.min(BLOCK, left - this.#length))
    }
  }

  /** Begins again with an empty file. */
  restart(): void {
    if (this.sizeOnDisk > 0) ftruncateSync(this.#fd, 0)
    this.#hash = new FileHash()
    this.#length = 0
    this.#held = 0
  }

  write(bytes: Uint8Array): void {
    for (let rest = bytes; rest.length > 0; ) {
      const taken = rest.subarray(0, BLOCK - this.#held)
      this.#gathered.set(taken, this.#held)
      this.#held += taken.length
      rest = rest.subarray(taken.length)
      if (this.#held === BLOCK) this.flush()
    }
  }

  hole(length: number): void {
    this.flush()
    ftruncateSync(this.#fd, this.#length + length)
    for (let left = length; left > 0; left -= BLOCK) this.#readBack(Math.min(BLOCK, left))
  }

  /** Writes the gathered bytes. */
  flush(): void {
    if (this.#held === 0) return
    const length = this.#held
    for (let done = 0; done < length; ) {
      done += writeSync(this.#fd, this.#gathered, done, length - done, this.#length + done)
    }
    this.#held = 0
    this.#readBack(length)
  }

  get hash(): Uint8Array {
    return this.#hash.value
  }

  /** Sets the sender's mode and time on the complete file, and closes it. */
  complete(mode: number, modified: number): void {
    // The user who receives a file can always read it.
    fchmodSync(this.#fd, (mode & 0o777) | 0o400)
    futimesSync(this.#fd, modified / 1_000, modified / 1_000)
    this.close()
  }

  /** Closes the file, which stays for the next attempt. */
  close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    closeSync(this.#fd)
  }

  /** Removes the file, because its bytes are wrong. */
  remove(): void {
    this.close()
    unlinkSync(this.path)
  }

  #readBack(length: number): void {
    for (let done = 0; done < length; ) {
      const read = readSync(this.#fd, readBack, 0, length - done, this.#length)
      if (read === 0) throw new TransferProtocolError('another program has cut the part file')
      this.#hash.update(readBack.subarray(0, read))
      this.#length += read
      done += read
    }
  }
}

export const BLOCK = 1_048_576
const readBack = Buffer.allocUnsafe(BLOCK)
