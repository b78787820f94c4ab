import { Chamber, type ChamberOptions } from '@stt/chamber'
import { isSttError } from '@stt/errors'
import { CliError } from '../cli-error.ts'
import { ExitCode } from '../exit-codes.ts'
import { formatKeys, type PairingKeys, parseKeys } from './key-file.ts'

/** Secrets of pairings under a passphrase, in a chamber with a key for each pairing. */
export class SealedKeys {
  readonly #path: string
  readonly #ask: () => Promise<string>

  constructor(path: string, ask: () => Promise<string>) {
    this.#path = path
    this.#ask = ask
  }

  async read(name: string): Promise<PairingKeys> {
    const text = await this.#open({ readOnly: true }, chamber => chamber.retrieve(name, { maxBytes: MAX_LENGTH }))
    const keys = text && parseKeys(new TextDecoder().decode(text))
    text?.fill(0)
    if (keys) return keys
    throw new CliError(
      ExitCode.failed,
      `the seed of ${name} is not among those under the passphrase: stt forget ${name}`,
    )
  }

  async write(name: string, keys: PairingKeys): Promise<void> {
    await this.#open({}, chamber => chamber.store(name, new TextEncoder().encode(formatKeys(keys))))
  }

  async remove(name: string): Promise<void> {
    await this.#open({}, chamber => chamber.delete(name))
  }

  async #open<T>(options: Pick<ChamberOptions, 'readOnly'>, work: (chamber: Chamber) => Promise<T>): Promise<T> {
    const passphrase = await this.#ask()
    try {
      const chamber = await Chamber.open({ id: 'stt pairings', path: this.#path, passphrase, ...options })
      try {
        return await work(chamber)
      } finally {
        await chamber.close()
      }
    } catch (cause) {
      if (isSttError(cause, 'STT_AUTHENTICATION')) {
        throw new CliError(ExitCode.refused, 'the passphrase is wrong', { cause })
      }
      throw cause
    }
  }
}

const MAX_LENGTH = 1_024
