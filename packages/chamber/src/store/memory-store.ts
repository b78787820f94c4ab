import { concatBytes } from '@stt/crypto'
import { bytesOf, SttError } from '@stt/errors'
import { checkRange, checkSource, checkText } from './arguments.ts'
import type { ChamberStore, StoreRange } from './chamber-store.ts'
import { checkName } from './names.ts'

/** A store in memory: for tests, and for secrets that must not reach a disk. */
export const MemoryStore: new () => ChamberStore = class MemoryStore implements ChamberStore {
  readonly #objects = new Map<string, Uint8Array>()
  readonly #locked = new Set<string>()

  async get(name: string, range?: StoreRange): Promise<AsyncIterable<Uint8Array> | undefined> {
    checkName(name)
    const bytes = this.#objects.get(name)
    const { start, end } = checkRange(range)
    return bytes && pieces(bytes, start, Math.min(end, bytes.length))
  }

  async putIfAbsent(name: string, source: AsyncIterable<Uint8Array>): Promise<boolean> {
    checkName(name)
    checkSource(source)
    const parts: Uint8Array[] = []
    for await (const part of source) parts.push(bytesOf(part, 'a piece of an object').slice())
    if (this.#objects.has(name)) return false
    this.#objects.set(name, concatBytes(parts))
    return true
  }

  async delete(name: string): Promise<void> {
    checkName(name)
    this.#objects.delete(name)
  }

  async *list(prefix: string): AsyncIterable<string> {
    checkText(prefix, 'prefix')
    for (const name of this.#objects.keys()) if (name.startsWith(prefix)) yield name
  }

  async lock(scope: string): Promise<() => Promise<void>> {
    checkName(`${scope}/x`)
    if (this.#locked.has(scope)) {
      throw new SttError(
        'STT_CHAMBER_LOCKED',
        'another writer has this chamber open; close it, or open with readOnly: true',
      )
    }
    this.#locked.add(scope)
    let held = true
    return async () => {
      if (held) this.#locked.delete(scope)
      held = false
    }
  }
}

export type MemoryStore = ChamberStore

async function* pieces(bytes: Uint8Array, start: number, end: number): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = start; at < end; at += PIECE) yield bytes.slice(at, Math.min(at + PIECE, end))
}

const PIECE = 65_536
