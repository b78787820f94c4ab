import type { Chamber } from '@stt/chamber'
import { utf8 } from '@stt/errors'

/**
 * The link that somebody is asked about, kept beside the pairings and as safe as they are: a page that is loaded again before the
 * answer asks once more. It holds a phrase, so it is gone with the answer, and after an hour without one.
 */
export class AskedLink {
  readonly #vault: Chamber
  readonly #now: () => number

  /** @param now milliseconds since 1970 */
  constructor(vault: Chamber, now: () => number = Date.now) {
    this.#vault = vault
    this.#now = now
  }

  async keep(link: string): Promise<void> {
    await this.#vault.store(KEY, utf8(link), { metadata: { asked: this.#now() } })
  }

  /** The link that waits for its answer; undefined where none does. */
  async find(): Promise<string | undefined> {
    const found = await this.#vault.getMetadata(KEY)
    if (!found) return undefined
    const { asked } = found.metadata as { readonly asked: number }
    if (Math.abs(this.#now() - asked) <= KEPT_FOR) return new TextDecoder().decode((await this.#vault.retrieve(KEY))!)
    await this.forget()
    return undefined
  }

  async forget(): Promise<void> {
    await this.#vault.delete(KEY)
  }
}

const KEY = 'asked'
/** Milliseconds. Whoever is asked about a link that old does not know any more whose it is. */
const KEPT_FOR = 3_600_000
