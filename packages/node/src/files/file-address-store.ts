import { randomUUID } from 'node:crypto'
import { open, rename, rm, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { bytesOf, checkType, SttError } from '@stt/errors'
import type { AddressStore } from '../discovery/discovery-options.ts'

/**
 * Keeps the last known addresses of peers in a file that only this user can read. A crash leaves the old or the new ones. The
 * file's folder has to exist; a relative path is resolved by the constructor, which throws `STT_INVALID_ARGUMENT` for
 * anything but a path.
 *
 * `load` rejects with `STT_INVALID_STATE` when the file cannot be read, or is larger than any file of this kind; `save` rejects
 * with it when the file cannot be written, and with `STT_INVALID_ARGUMENT` for anything but bytes.
 */
export const FileAddressStore: new (path: string) => AddressStore = class FileAddressStore implements AddressStore {
  readonly #path: string

  constructor(path: string) {
    checkType(path, 'the path of an address store', 'string')
    if (path === '' || path.includes('\0')) {
      throw new SttError('STT_INVALID_ARGUMENT', 'the path of an address store is that of a file, without NUL')
    }
    this.#path = resolve(path)
  }

  async load(): Promise<Uint8Array | undefined> {
    try {
      const file = await open(this.#path)
      try {
        // One byte more than may be there, however large the file is.
        const { bytesRead, buffer } = await file.read(new Uint8Array(MOST_BYTES + 1), 0, MOST_BYTES + 1, 0)
        if (bytesRead > MOST_BYTES) throw new RangeError(`it is larger than ${MOST_BYTES} bytes`)
        return buffer.slice(0, bytesRead)
      } finally {
        await file.close()
      }
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw this.#failed('read: check that it is a file of this program', cause)
    }
  }

  async save(sealed: Uint8Array): Promise<void> {
    const bytes = bytesOf(sealed, 'what is kept of addresses').slice()
    const beside = `${this.#path}.${randomUUID()}`
    try {
      await writeFile(beside, bytes, { mode: 0o600, flag: 'wx' })
      await rename(beside, this.#path)
    } catch (cause) {
      await rm(beside, { force: true }).catch(() => {
        // If it cannot be deleted it could not be written either.
      })
      throw this.#failed(
        'written: check that its folder exists and may be written to, and that the disk has room',
        cause,
      )
    }
  }

  #failed(what: string, cause: unknown): SttError {
    return new SttError('STT_INVALID_STATE', `${this.#path}, where addresses are kept, cannot be ${what}`, { cause })
  }
}

export type FileAddressStore = AddressStore

/** Far above what is kept of the most peers that are. */
const MOST_BYTES = 1_048_576
