import { bytesOf, checkType, loadPart, SttError } from '@stt/errors'
import { provider as defaultProvider, randomBytes } from '#platform'
import { fromHex, toHex } from '../bytes.ts'
import { draw } from '../entropy.ts'
import { createPhe } from '../phe.ts'
import { disposed } from '../providers/checks.ts'
import type { CryptoProvider, Entropy } from '../providers/provider.ts'
import { Secret } from '../secret.ts'
import type { PassphraseOptions } from './passphrase.ts'
import { PHRASE_ENTROPY, writePhrase } from './phrase.ts'
import { deriveRendezvousKeys, type RendezvousKeys } from './rendezvous-keys.ts'
import { deriveSeedKeys, type SeedKeys } from './seed-keys.ts'

/**
 * The 32 secret bytes that two programs share. They let their holder in, unless a policy narrows that, so only `toBytes` and
 * `toHex` show them: no error, log, `inspect` or JSON does.
 */
export class Seed extends Secret {
  readonly #bytes: Uint8Array
  #disposed = false

  private constructor(bytes: Uint8Array) {
    super('Seed')
    this.#bytes = bytes
  }

  /** A new seed of random bytes. */
  static generate(entropy: Entropy = randomBytes): Seed {
    return Seed.fromBytes(draw(entropy, SEED_LENGTH))
  }

  /**
   * The seed of 32 bytes, of which it takes a copy; the caller may wipe the original.
   *
   * @throws STT_INVALID_ARGUMENT for anything but bytes, STT_BAD_SEED for another number, STT_WEAK_SEED when all are the same
   */
  static fromBytes(given: Uint8Array): Seed {
    const bytes = bytesOf(given, 'a seed')
    if (bytes.length !== SEED_LENGTH) {
      throw new SttError(
        'STT_BAD_SEED',
        `a seed is ${SEED_LENGTH} bytes, not ${bytes.length}; make one with Seed.generate()`,
      )
    }
    // spec: STT-CRY-13: an unset variable or a cleared buffer is no seed.
    if (bytes.every(byte => byte === bytes[0])) {
      throw new SttError('STT_WEAK_SEED', 'every byte of this seed is the same; make one with Seed.generate()')
    }
    return new Seed(Uint8Array.from(bytes))
  }

  /**
   * The seed of 64 hexadecimal digits. White space around them is ignored, such as a file's last newline.
   *
   * @throws STT_INVALID_ARGUMENT for anything but a text, STT_BAD_SEED for any other text, STT_WEAK_SEED when all bytes are the same
   */
  static fromHex(text: string): Seed {
    checkType(text, 'the hexadecimal digits of a seed', 'string')
    const bytes = fromHex(text.trim())
    if (bytes?.length !== SEED_LENGTH) {
      throw new SttError('STT_BAD_SEED', `a seed is ${2 * SEED_LENGTH} hexadecimal digits; this text is something else`)
    }
    const seed = Seed.fromBytes(bytes)
    bytes.fill(0)
    return seed
  }

  /**
   * A new phrase that people can read out and type: 100 random bits and a check, `k7dm-0q2x-…`. Keep it as the seed itself.
   */
  static generatePhrase(entropy: Entropy = randomBytes, provider: CryptoProvider = defaultProvider): string {
    return writePhrase(createPhe(provider), draw(entropy, PHRASE_ENTROPY))
  }

  /**
   * The seed that belongs to a phrase, by Argon2id (64 MiB of memory, about a second of work in small slices).
   *
   * @throws STT_WEAK_SEED for a phrase that `generatePhrase` did not make, unless `acceptOfflineGuessing`
   */
  static async fromPassphrase(
    phrase: string,
    options: PassphraseOptions = {},
    provider: CryptoProvider = defaultProvider,
  ): Promise<Seed> {
    const { stretchPassphrase } = await loadPart('what stretches a passphrase', () => import('./passphrase.ts'))
    return new Seed(await stretchPassphrase(phrase, options, provider))
  }

  /** The keys that a handshake needs; dispose of them with it. @throws STT_DISPOSED */
  deriveKeys(provider: CryptoProvider = defaultProvider): SeedKeys {
    return deriveSeedKeys(this.#secret(), provider)
  }

  /** The keys by which the holders meet at a relay or on a local network; dispose of them afterwards. @throws STT_DISPOSED */
  deriveRendezvousKeys(provider: CryptoProvider = defaultProvider): RendezvousKeys {
    return deriveRendezvousKeys(this.#secret(), provider)
  }

  /** A copy of the secret, for keeping it somewhere safe. @throws STT_DISPOSED */
  toBytes(): Uint8Array<ArrayBuffer> {
    return this.#secret().slice()
  }

  /** The secret as 64 digits, for keeping it somewhere safe. JavaScript cannot wipe a string. @throws STT_DISPOSED */
  toHex(): string {
    return toHex(this.#secret())
  }

  /** Wipes the secret. Keys that were derived before stay until they are disposed of. */
  dispose(): void {
    this.#bytes.fill(0)
    this.#disposed = true
  }

  #secret(): Uint8Array {
    if (this.#disposed) throw disposed('this seed')
    return this.#bytes
  }
}

const SEED_LENGTH = 32
