import { randomUUID } from 'node:crypto'
import { link, open, readdir, readFile, stat, unlink } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import { SttError } from '@stt/errors'

/** Content of a versioned file: empty, as version 0, before the first write. */
export interface Version {
  readonly number: number
  readonly bytes: Uint8Array<ArrayBuffer>
}

/**
 * A small file that several processes change at once, by compare and swap and without a lock that a crash could leave
 * behind. Each version is a file of its own, `path.1`, `path.2` …, complete before it gets its name, and the highest
 * number counts: a process that makes `path.8` from the content of `path.7` succeeds only while there is no `path.8`. The
 * highest is never removed, so a process so late that its number is free again sees a higher one beside it.
 */
export class VersionedFile {
  /** Absolute: a program that changes its folder, as daemons do, still means the same file. */
  readonly path: string
  /** The highest version that was there. */
  #seen = 0
  /** The version whose name is known to survive a crash. */
  #durable = 0

  constructor(path: string) {
    this.path = resolve(path)
  }

  nameOf(version: number): string {
    return `${this.path}.${version}`
  }

  /**
   * The version that counts now, durable when this resolves.
   *
   * @throws SttError `STT_TRUST_STORE` when it is older than one that was there before
   */
  async read(): Promise<Version> {
    for (;;) {
      const number = await this.#latest()
      if (number === 0) return { number, bytes: new Uint8Array(0) }
      const bytes = await readFile(this.nameOf(number)).catch(unless('ENOENT'))
      // Gone between the two calls: a later one has taken its place.
      if (bytes === undefined) continue
      if (number !== this.#durable) await this.#syncNames(number)
      return { number, bytes }
    }
  }

  /** Makes `bytes` the version after `read`, durably; false when somebody else made one. */
  async replace(read: Version, bytes: Uint8Array): Promise<boolean> {
    const number = read.number + 1
    const temporary = `${this.path}.${TEMPORARY}.${randomUUID()}`
    try {
      await writeSynced(temporary, bytes)
      if (!(await isLinked(temporary, this.nameOf(number)))) return false
    } finally {
      await unlink(temporary).catch(unless('ENOENT'))
    }
    if ((await this.#latest()) !== number) return false
    await this.#syncNames(number)
    await this.#sweep(number)
    return true
  }

  async #latest(): Promise<number> {
    for (let attempt = 1; ; attempt++) {
      const before = this.#seen
      const latest = Math.max(0, ...(await this.#suffixes()).map(versionOf))
      this.#seen = Math.max(this.#seen, latest)
      if (latest >= before) return latest
      // A folder that is read while names come and go may hide some. If they stay hidden the file is lost: this class never
      // removes the highest, which holds the revoked ids.
      if (attempt === ATTEMPTS) throw this.#vanished(latest)
    }
  }

  #vanished(latest: number): SttError {
    const there = latest === 0 ? 'none' : `only version ${latest}`
    return new SttError(
      'STT_TRUST_STORE',
      `${this.nameOf(this.#seen)} was there and now there is ${there}, and nobody is admitted: put it back. Only where what it says may be forgotten, who was revoked too, start this program again`,
      { details: { seen: this.#seen, found: latest } },
    )
  }

  /** The suffixes behind `path.` of the names in the folder. */
  async #suffixes(): Promise<string[]> {
    const prefix = `${basename(this.path)}.`
    const names = await readdir(dirname(this.path))
    return names.filter(name => name.startsWith(prefix)).map(name => name.slice(prefix.length))
  }

  /** A name survives a crash once its folder was written. */
  async #syncNames(number: number): Promise<void> {
    // Windows opens no folder, and writes names through.
    if (process.platform !== 'win32') {
      const folder = await open(dirname(this.path), 'r')
      await folder.sync().finally(() => folder.close())
    }
    this.#durable = number
  }

  /** Removes older versions, and what crashed writers left. */
  async #sweep(number: number): Promise<void> {
    for (const suffix of await this.#suffixes()) {
      const name = `${this.path}.${suffix}`
      const version = versionOf(suffix)
      const isOld = version > 0 ? version < number : await isAbandoned(name, suffix)
      if (isOld) await unlink(name).catch(unless('ENOENT'))
    }
  }
}

function versionOf(suffix: string): number {
  return /^[1-9]\d{0,14}$/.test(suffix) ? Number(suffix) : 0
}

async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Gives a complete file its name; false where the name is taken, or another process swept a writer that slept. */
async function isLinked(temporary: string, name: string): Promise<boolean> {
  try {
    await link(temporary, name)
    return true
  } catch (error) {
    if (hasCode(error, 'EEXIST') || hasCode(error, 'ENOENT')) return false
    throw error
  }
}

/** Whether it is the unfinished work of somebody who had a minute for it. */
async function isAbandoned(path: string, suffix: string): Promise<boolean> {
  if (!suffix.startsWith(`${TEMPORARY}.`)) return false
  const found = await stat(path).catch(unless('ENOENT'))
  return found !== undefined && Date.now() - found.mtimeMs > ABANDONED_AFTER
}

/** Turns one error into undefined. */
function unless(code: string): (error: unknown) => undefined {
  return error => {
    if (!hasCode(error, code)) throw error
  }
}

const hasCode = (error: unknown, code: string): boolean => (error as { code?: string }).code === code

const TEMPORARY = 'new'
const ATTEMPTS = 3
/** Milliseconds. */
const ABANDONED_AFTER = 60_000
