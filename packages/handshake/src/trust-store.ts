import { equalBytes } from '@stt/crypto'
import { checkInteger, checkType } from '@stt/errors'
import { exactBytes } from './config.ts'

/**
 * Where trust on first use keeps node ids. Ids are public, but only the programs that share the store may write to it.
 * Several programs may use one store at once, so each call is one atomic step for all of them.
 */
export interface TrustStore {
  /** The ids under a name, the first one first. */
  list(name: string): Promise<readonly Uint8Array[]>
  /**
   * Keeps `id` under `name` unless `max` ids are there already; resolves with whether `id` is there now. A revoked id is
   * never kept. Resolves once the id is stored so that it survives a crash.
   */
  admit(name: string, id: Uint8Array, max: number): Promise<boolean>
  /** Removes `id` from every name, which frees its place, and never admits it again. */
  revoke(id: Uint8Array): Promise<void>
  /**
   * The ids that were revoked. A node asks before each dial, so that a revoked peer does not learn who dials. Without this
   * method it is still refused, after the handshake.
   */
  revoked?(): Promise<readonly Uint8Array[]>
}

/** A store that lasts as long as the process: for tests, and for nodes that pair anew at each start. */
export const MemoryTrustStore: new () => Required<TrustStore> = class MemoryTrustStore implements TrustStore {
  readonly #names = new Map<string, Uint8Array<ArrayBuffer>[]>()
  readonly #revoked: Uint8Array<ArrayBuffer>[] = []

  async list(name: string): Promise<readonly Uint8Array<ArrayBuffer>[]> {
    return [...(this.#names.get(name) ?? [])]
  }

  async admit(name: string, given: Uint8Array, max: number): Promise<boolean> {
    checkType(name, 'the name', 'string')
    checkInteger(max, 'max', 0, Number.MAX_SAFE_INTEGER)
    const id = exactBytes(given, 32, 'the id')
    const ids = this.#names.get(name) ?? []
    if (ids.some(each => equalBytes(each, id))) return true
    if (ids.length >= max || this.#revoked.some(each => equalBytes(each, id))) return false
    this.#names.set(name, [...ids, Uint8Array.from(id)])
    return true
  }

  async revoke(given: Uint8Array): Promise<void> {
    const id = exactBytes(given, 32, 'the id')
    this.#revoked.push(Uint8Array.from(id))
    for (const [name, ids] of this.#names) {
      this.#names.set(
        name,
        ids.filter(each => !equalBytes(each, id)),
      )
    }
  }

  revoked(): Promise<readonly Uint8Array<ArrayBuffer>[]> {
    return Promise.resolve([...this.#revoked])
  }
}

export type MemoryTrustStore = Required<TrustStore>
