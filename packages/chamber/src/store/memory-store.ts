import { concatBytes } from '@stt/crypto'
import { SttError } from '@stt/errors'
import type { ChamberStore, StoreRange } from './chamber-store.ts'
import { checkName } from './names.ts'

/** A store that is gone with its process: for tests, and for secrets that must not reach a disk. */
export class MemoryStore implements ChamberStore {
  readonly #objects = new Map<string, Uint8Array>()
  readonly #locked = new Set<string>()

  async get(name: string, range?: StoreRange): Promise<AsyncIterable<Uint8Array> | undefined> {
    checkName(name)
    const bytes = this.#objects.get(name)
    return bytes && pieces(bytes, range?.start ?? 0, Math.min(range?.end ?? bytes.length, bytes.length))
  }

  async putIfAbsent(name: string, source: AsyncIterable<Uint8Array>): Promise<boolean> {
    checkName(name)
    const parts: Uint8Array[] = []
    for await (const part of source) parts.push(part.slice())
    if (this.#objects.has(name)) return false
    this.#objects.set(name, concatBytes(parts))
    return true
  }

  async delete(name: string): Promise<void> {
    checkName(name)
    this.#objects.delete(name)
  }

  async *list(prefix: string): AsyncIterable<string> {
    for (const name of this.#objects.keys()) if (name.startsWith(prefix)) yield name
  }

  async lock(scope: string): Promise<() => Promise<void>> {
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

async function* pieces(bytes: Uint8Array, start: number, end: number): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = start; at < end; at += PIECE) yield bytes.slice(at, Math.min(at + PIECE, end))
}

const PIECE = 65_536
