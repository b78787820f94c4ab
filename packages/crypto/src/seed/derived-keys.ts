import { utf8 } from '@stt/errors'
import { disposed } from '../providers/checks.ts'
import type { CryptoProvider } from '../providers/provider.ts'
import { Secret } from '../secret.ts'

/** The secret that all keys of a seed are derived from. The caller wipes it. */
export const seedPrk = (seed: Uint8Array, provider: CryptoProvider): Uint8Array<ArrayBuffer> =>
  provider.hmac(utf8('STTv1 seed'), seed)

/** Keys that are readable until they are wiped together. */
export abstract class DerivedKeys extends Secret {
  readonly #what: string
  readonly #keys: readonly Uint8Array<ArrayBuffer>[]
  #disposed = false

  /** @param what as a person would name them: "these seed keys" */
  protected constructor(kind: string, what: string, keys: readonly Uint8Array<ArrayBuffer>[]) {
    super(kind)
    this.#what = what
    this.#keys = keys
  }

  dispose(): void {
    for (const key of this.#keys) key.fill(0)
    this.#disposed = true
  }

  protected key(index: number): Uint8Array<ArrayBuffer> {
    if (this.#disposed) throw disposed(this.#what)
    return this.#keys[index]!
  }
}
