import { checkOptions, checkSignal, checkType, SttError, utf8 } from '@stt/errors'
import { argon2id } from '../argon2id.ts'
import { createPhe } from '../phe.ts'
import type { CryptoProvider } from '../providers/provider.ts'
import { readPhrase } from './phrase.ts'

export interface PassphraseOptions {
  /** A name that makes the same phrase another seed in another network; "stt" unless given. */
  readonly networkId?: string
  /**
   * Whether to take a phrase that `Seed.generatePhrase` did not make. Then one recorded handshake is enough to guess at the
   * phrase offline, without limit of time or machines.
   */
  readonly acceptOfflineGuessing?: boolean
  /** Stops the work, which takes a second or so; the call then rejects with `STT_ABORTED` or `STT_TIMEOUT`. */
  readonly signal?: AbortSignal
}

/** The 32 bytes of the seed that belongs to a phrase. @throws STT_WEAK_SEED */
// spec: STT-CRY-18
export async function stretchPassphrase(
  phrase: string,
  options: PassphraseOptions,
  provider: CryptoProvider,
): Promise<Uint8Array<ArrayBuffer>> {
  checkType(phrase, 'a passphrase', 'string')
  checkOptions(options, 'fromPassphrase', ['networkId', 'acceptOfflineGuessing', 'signal'])
  const { networkId = 'stt', acceptOfflineGuessing = false, signal } = options
  checkType(networkId, 'networkId', 'string')
  checkType(acceptOfflineGuessing, 'acceptOfflineGuessing', 'boolean')
  checkSignal(signal, 'fromPassphrase')
  const phe = createPhe(provider)
  const generated = readPhrase(phe, phrase)
  // spec: STT-CRY-19
  if (generated === undefined && !acceptOfflineGuessing) {
    throw new SttError(
      'STT_WEAK_SEED',
      'this phrase was not made by Seed.generatePhrase(), or was mistyped; a phrase of your own needs acceptOfflineGuessing: true',
    )
  }
  const password = utf8(generated ?? phrase.normalize('NFKC'))
  if (password.length === 0) throw new SttError('STT_WEAK_SEED', 'the passphrase is empty')
  const salt = phe.digest('net', utf8(networkId)).subarray(0, 16)
  try {
    return await argon2id(password, salt, {
      passes: 3,
      memory: 64 * 1024,
      lanes: 4,
      length: 32,
      ...(signal && { signal }),
    })
  } finally {
    password.fill(0)
  }
}
