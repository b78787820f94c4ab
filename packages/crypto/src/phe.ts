import { bytesOf, checkType, utf8 } from '@stt/errors'
import { randomBytes } from '#platform'
import { concatBytes, equalBytes, u32 } from './bytes.ts'
import { draw } from './entropy.ts'
import { checkProvider } from './providers/checks.ts'
import type { CryptoProvider, Entropy } from './providers/provider.ts'

/** PHE, hashing with a purpose: BLAKE2b-512 over length-prefixed parts, cut to 32 bytes. */
export interface Phe {
  /** Deterministic: the same domain and parts give the same 32 bytes, and no other parts or domain do. */
  digest(domain: string, ...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer>
  /** Randomized: 48 bytes, a fresh salt of 16 and a digest, different each time. Too fast for passwords. */
  hash(data: Uint8Array, entropy?: Entropy): Uint8Array<ArrayBuffer>
  /** Whether `hash` was made by `hash(data)`. False for anything that is not 48 bytes. */
  verify(data: Uint8Array, hash: Uint8Array): boolean
}

export function createPhe(provider: CryptoProvider): Phe {
  checkProvider(provider)
  // spec: STT-CRY-6
  const digest: Phe['digest'] = (domain, ...parts) => {
    checkType(domain, 'the domain', 'string')
    const name = utf8(`STTv1 PHE ${domain}`)
    const input: Uint8Array[] = [u32(name.length), name]
    for (const given of parts) {
      const part = bytesOf(given, 'what is hashed')
      input.push(u32(part.length), part)
    }
    return provider.hash(...input).slice(0, DIGEST_LENGTH)
  }
  return {
    digest,
    // spec: STT-CRY-7
    hash(data, entropy = randomBytes) {
      const salt = draw(entropy, SALT_LENGTH)
      return concatBytes([salt, digest('salted', salt, data)])
    },
    // spec: STT-CRY-7
    verify(data, given) {
      const hash = bytesOf(given, 'the hash')
      return equalBytes(hash.subarray(SALT_LENGTH), digest('salted', hash.subarray(0, SALT_LENGTH), data))
    },
  }
}

const SALT_LENGTH = 16
const DIGEST_LENGTH = 32
