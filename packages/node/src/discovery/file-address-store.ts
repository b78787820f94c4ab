import { randomUUID } from 'node:crypto'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { checkType, SttError } from '@stt/errors'
import type { AddressStore } from './discovery-options.ts'

/** Keeps the last known addresses of peers in a file, which holds the old ones or the new ones, and nobody else may read. */
export class FileAddressStore implements AddressStore {
  readonly #path: string

  /**
   * @param path of a file in a folder that exists; a relative one is resolved now
   * @throws SttError `STT_INVALID_ARGUMENT` for what is no path
   */
  constructor(path: string) {
    checkType(path, 'the path of an address store', 'string')
    if (path === '' || path.includes('\0')) {
      throw new SttError('STT_INVALID_ARGUMENT', 'the path of an address store is that of a file, without NUL')
    }
    this.#path = resolve(path)
  }

  async load(): Promise<Uint8Array | undefined> {
    try {
      return await readFile(this.#path)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
  }

  async save(sealed: Uint8Array): Promise<void> {
    const beside = `${this.#path}.${randomUUID()}`
    try {
      await writeFile(beside, sealed, { mode: 0o600, flag: 'wx' })
      await rename(beside, this.#path)
    } catch (error) {
      await rm(beside, { force: true })
      throw error
    }
  }
}
