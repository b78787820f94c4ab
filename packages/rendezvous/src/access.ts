import { concatBytes, equalBytes, provider, toHex } from '@stt/crypto'
import { bytesOf, SttError, utf8 } from '@stt/errors'
import { type AccessProof, MAC_SIZE, MessageType, type Proved } from './messages/message.ts'
import { accessKeyId } from './names.ts'

/** The relay and the connection that a proof of access is bound to. The proof is useless for others. */
export interface AccessContext {
  /** Host and port as the client dials them: `relay.example:443`. */
  readonly authority: string
  /** The nonce of the connection's greeting. */
  readonly nonce: Uint8Array
}

/** Makes the proof, 28 bytes, that the sender of one message on one connection holds `access`. */
// spec: STT-RLY-7
export function proveAccess(access: Uint8Array, context: AccessContext, type: number, body: Uint8Array): Uint8Array {
  const keyId = accessKeyId(access)
  return concatBytes([keyId, NO_EXPIRY, macOf(access, context, type, keyId, body)])
}

/** The access keys that a relay accepts. */
export class AccessKeys {
  readonly #keys = new Map<string, Uint8Array>()

  /** @param keys 32 bytes each; copies are kept */
  constructor(keys: readonly Uint8Array[]) {
    for (const given of keys) {
      const key = bytesOf(given, 'an access key').slice()
      if (key.length !== 32) throw new SttError('STT_INVALID_ARGUMENT', `an access key is 32 bytes, not ${key.length}`)
      this.#keys.set(toHex(accessKeyId(key)), key)
    }
  }

  /** Number of keys. */
  get size(): number {
    return this.#keys.size
  }

  /**
   * Whether a message has a valid proof for one of the keys.
   *
   * @param authorities host and port under which clients dial this relay. The client's own word for them is not used: another
   *   relay could pass on the proofs of its clients.
   */
  // spec: STT-RLY-7
  verify(
    { type, proof, body }: Proved & { readonly type: keyof typeof MessageType },
    nonce: Uint8Array,
    authorities: readonly string[],
  ): boolean {
    const key = proof && proof.expiry === 0 ? this.#keys.get(toHex(proof.keyId)) : undefined
    if (!key) return false
    const { keyId, mac } = proof as AccessProof
    return authorities.some(authority =>
      equalBytes(macOf(key, { authority, nonce }, MessageType[type], keyId, body), mac),
    )
  }
}

function macOf(
  access: Uint8Array,
  { authority, nonce }: AccessContext,
  type: number,
  keyId: Uint8Array,
  body: Uint8Array,
): Uint8Array {
  const name = utf8(authority)
  const parts = [LABEL, length32(name), name, nonce, Uint8Array.of(type), keyId, NO_EXPIRY, body]
  return provider.hmac(access, ...parts).slice(0, MAC_SIZE)
}

const length32 = ({ length }: Uint8Array): Uint8Array => Uint8Array.of(0, 0, length >>> 8, length)

const LABEL = utf8('stt relay')
const NO_EXPIRY = new Uint8Array(4)
