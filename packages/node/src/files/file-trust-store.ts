import { fromHex, phe, toHex } from '@stt/crypto'
import { checkInteger, checkType, isSttError, SttError, utf8 } from '@stt/errors'
import type { TrustStore } from '@stt/handshake'
import { nodeIdOf } from '../peers/peers.ts'
import { type Version, VersionedFile } from './versioned-file.ts'

/**
 * Trust on first use that survives restarts, in a file that several processes may share. The file is called `path.N`,
 * with a number that grows by one with each change; back up the one with the highest. Its folder must exist, on a
 * file system with hard links, and only this user may have write access to it.
 *
 * Every call rejects with `STT_TRUST_STORE` when the file is damaged, cannot be read or written, or has disappeared: no peer
 * is admitted then, and no trust is forgotten. The constructor resolves a relative path, so a later change of folder does not
 * move the file, and throws `STT_INVALID_ARGUMENT` for anything but a path.
 */
export const FileTrustStore: new (path: string) => Required<TrustStore> = class FileTrustStore implements TrustStore {
  readonly #file: VersionedFile
  /** Ends when the changes asked for so far have ended: only other processes are competitors. */
  #turn: Promise<unknown> = Promise.resolve()

  constructor(path: string) {
    checkType(path, 'the path of a trust store', 'string')
    if (path === '' || path.includes('\0')) {
      throw new SttError('STT_INVALID_ARGUMENT', 'the path of a trust store is that of a file, without NUL')
    }
    this.#file = new VersionedFile(path)
  }

  async list(name: string): Promise<readonly Uint8Array<ArrayBuffer>[]> {
    checkType(name, 'the name', 'string')
    const { trust } = await this.#read()
    return (trust.names.get(name) ?? []).map(hex => fromHex(hex)!)
  }

  async admit(name: string, id: Uint8Array, max: number): Promise<boolean> {
    checkType(name, 'the name', 'string')
    checkInteger(max, 'max', 0, Number.MAX_SAFE_INTEGER)
    const key = toHex(nodeIdOf(id, 'the id'))
    return this.#change(({ names, revoked }) => {
      const ids = names.get(name) ?? []
      if (ids.includes(key)) return { result: true }
      if (ids.length >= max || revoked.has(key)) return { result: false }
      return { result: true, trust: { names: new Map(names).set(name, [...ids, key]), revoked } }
    })
  }

  async revoke(id: Uint8Array): Promise<void> {
    const key = toHex(nodeIdOf(id, 'the id'))
    return this.#change(({ names, revoked }) => {
      if (revoked.has(key)) return { result: undefined }
      const left = [...names].map(([name, ids]) => [name, ids.filter(each => each !== key)] as const)
      return { result: undefined, trust: { names: new Map(left), revoked: new Set(revoked).add(key) } }
    })
  }

  async revoked(): Promise<readonly Uint8Array<ArrayBuffer>[]> {
    const { trust } = await this.#read()
    return [...trust.revoked].map(hex => fromHex(hex)!)
  }

  #change<T>(change: (trust: Trust) => Change<T>): Promise<T> {
    const done = this.#turn.then(() => this.#attempt(change))
    this.#turn = done.catch(() => {})
    return done
  }

  async #attempt<T>(change: (trust: Trust) => Change<T>): Promise<T> {
    for (;;) {
      const { version, trust } = await this.#read()
      const { result, trust: changed } = change(trust)
      if (!changed || (await this.#guard(this.#file.replace(version, format(changed))))) return result
      // Somebody else wrote meanwhile: decide anew, on what is there now.
    }
  }

  async #read(): Promise<{ readonly version: Version; readonly trust: Trust }> {
    const version = await this.#guard(this.#file.read())
    if (version.number === 0) return { version, trust: { names: new Map(), revoked: new Set() } }
    const trust = parse(version.bytes)
    if (trust) return { version, trust }
    const name = this.#file.nameOf(version.number)
    throw new SttError(
      'STT_TRUST_STORE',
      `${name} is damaged or was written by a later version of STT, and nobody is admitted: put a backup in its place. Only where all peers may be trusted anew, the revoked ones too, remove ${this.#file.path}.*`,
    )
  }

  async #guard<T>(access: Promise<T>): Promise<T> {
    try {
      return await access
    } catch (cause) {
      if (isSttError(cause)) throw cause
      const message = `the trust store ${this.#file.path}.* cannot be read or written, and nobody is admitted: its folder has to exist, be writable and lie on a file system with hard links`
      throw new SttError('STT_TRUST_STORE', message, { cause })
    }
  }
}

export type FileTrustStore = Required<TrustStore>

/** Ids as hexadecimal digits. */
interface Trust {
  readonly names: ReadonlyMap<string, readonly string[]>
  readonly revoked: ReadonlySet<string>
}

interface Change<T> {
  readonly result: T
  /** The trust to keep from now on; unchanged when missing. */
  readonly trust?: Trust
}

/** A line with the format and a digest of the rest, which finds what a disk does to a file, and a line of JSON. */
function format({ names, revoked }: Trust): Uint8Array<ArrayBuffer> {
  const body = `${JSON.stringify({ names: [...names], revoked: [...revoked] })}\n`
  return utf8(`${MAGIC} ${digest(body)}\n${body}`)
}

function parse(bytes: Uint8Array): Trust | undefined {
  const text = new TextDecoder().decode(bytes)
  const body = text.slice(text.indexOf('\n') + 1)
  if (text !== `${MAGIC} ${digest(body)}\n${body}`) return undefined
  // A text with a valid digest was written by `format`.
  const { names, revoked } = JSON.parse(body) as { names: [string, string[]][]; revoked: string[] }
  return { names: new Map(names), revoked: new Set(revoked) }
}

const digest = (body: string): string => toHex(phe.digest('trust store', utf8(body)))

const MAGIC = 'stt-trust 1'
