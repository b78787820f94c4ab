import { Identity, phe, provider, Seed } from '@stt/crypto'
import { type Answers, INITIATOR, SEED, utf8 } from './inputs.ts'

export function keys(): Answers {
  const seed = Seed.fromBytes(SEED).deriveKeys()
  const identity = Identity.fromPrivateKey(INITIATOR)
  return {
    section: '1',
    values: [
      ['seed', SEED],
      ['prk', provider.hmac(utf8('STTv1 seed'), SEED)],
      ['psk0', seed.psk0],
      ['psk3', seed.psk3],
      ['mac1 key', seed.mac1],
      ['static private key', INITIATOR],
      ['static public key', identity.publicKey],
      ['NodeId', identity.id],
      ['reset key', identity.resetKey()],
      ['phe.digest("a", "bc")', phe.digest('a', utf8('bc'))],
    ],
  }
}
