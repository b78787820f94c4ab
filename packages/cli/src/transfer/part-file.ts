import { closeSync, fchmodSync, fstatSync, ftruncateSync, futimesSync, readSync, unlinkSync, writeSync } from 'node:fs'
import { TransferProtocolError } from '@stt/transfer'
import { FileHash } from './hash.ts'

/**
 * A file that is being received. What it holds is hashed as it is read back from the disk, not as it came. Small pieces are
 * gathered; runs of zeros become holes.
 */
export class PartFile {
  readonly #fd: number
  readonly path: string
  readonly #gathered: Buffer
  #hash = new FileHash()
  #length = 0
  /** Bytes that are gathered behind `#length`. */
  #held = 0
  #isOpen = true

  /** @param gathered `BLOCK` bytes, which one file uses at a time */
  constructor(path: string, fd: number, gathered: Buffer) {
    this.path = path
    this.#fd = fd
    this.#gathered = gathered
  }

  /** Bytes that are there, gathered ones included. */
  get length(): number {
    return this.#length + this.#held
  }

  get sizeOnDisk(): number {
    return fstatSync(this.#fd).size
  }

  /** Takes up what an earlier run left, read from the disk piece by piece. */
  async resume(size: number, signal: AbortSignal): Promise<void> {
    const left = this.sizeOnDisk
    if (left > size) {
      this.restart()
      return
    }
    for (let turns = 0; this.#length < left; turns++) {
      signal.throwIfAborted()
      // Between pieces packets are read: the session stays alive over a file of any size.
      if (turns % 4 === 3) await new Promise(setImmediate)
      this.#readBack(Math.min(BLOCK, left - this.#length))
    }
  }

  /** Begins anew, with nothing. */
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

  /** Writes what was gathered. */
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

  /** Whole, with the mode and time of the sender's, and closed. */
  complete(mode: number, modified: number): void {
    // Whoever receives it can read it.
    fchmodSync(this.#fd, (mode & 0o777) | 0o400)
    futimesSync(this.#fd, modified / 1_000, modified / 1_000)
    this.close()
  }

  /** What was written stays for the next time. */
  close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    closeSync(this.#fd)
  }

  /** Nothing of it is of use. */
  remove(): void {
    this.close()
    unlinkSync(this.path)
  }

  #readBack(length: number): void {
    for (let done = 0; done < length; ) {
      const read = readSync(this.#fd, readBack, 0, length - done, this.#length)
      if (read === 0) throw new TransferProtocolError('the part file was cut by somebody else')
      this.#hash.update(readBack.subarray(0, read))
      this.#length += read
      done += read
    }
  }
}

export const BLOCK = 1_048_576
const readBack = Buffer.allocUnsafe(BLOCK)
