import { expect } from 'vitest'
import type { Chamber } from '../src/index.ts'

type Content = string | undefined

/** The contents that a chamber may have: for each key the correct ones, of which there are several while a call is under way. */
export class Model {
  readonly #allowed = new Map<string, Set<Content>>()

  /** Runs a store; when it resolves, its bytes are the only ones that are right. */
  async store(
    chamber: Chamber,
    key: string,
    bytes: Uint8Array,
    source: Uint8Array | AsyncIterable<Uint8Array> = bytes,
  ): Promise<void> {
    await this.#run(key, fingerprint(bytes), () => chamber.store(key, source))
  }

  async delete(chamber: Chamber, key: string): Promise<void> {
    await this.#run(key, undefined, () => chamber.delete(key))
  }

  snapshot(): Model {
    const copy = new Model()
    for (const [key, allowed] of this.#allowed) copy.#allowed.set(key, new Set(allowed))
    return copy
  }

  /** Every key has one of its contents, and there is no other key. */
  async verify(chamber: Chamber): Promise<void> {
    for (const [key, allowed] of this.#allowed) {
      const bytes = await chamber.retrieve(key)
      const content = bytes && fingerprint(bytes)
      if (!allowed.has(content)) expect({ key, content }).toEqual({ key, content: [...allowed] })
      expect((await chamber.getMetadata(key))?.size).toBe(bytes?.length)
    }
    for (const key of await chamber.list()) expect(this.#allowed.has(key)).toBe(true)
  }

  async #run(key: string, content: Content, use: () => Promise<unknown>): Promise<void> {
    const before = this.#allowed.get(key) ?? new Set([undefined])
    this.#allowed.set(key, new Set([...before, content]))
    await use()
    this.#allowed.set(key, new Set([content]))
  }
}

function fingerprint(bytes: Uint8Array): string {
  return `${bytes.length}:${Buffer.from(bytes.subarray(0, 24)).toString('hex')}:${bytes.at(-1)}`
}
