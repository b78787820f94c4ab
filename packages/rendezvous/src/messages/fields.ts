import { SttError } from '@stt/errors'
import { ByteReader, type Candidate, readCandidate } from '@stt/frame'
import {
  type AccessProof,
  type Greeting,
  KEY_ID_SIZE,
  MAC_SIZE,
  MAX_URL_SIZE,
  NO_REASONS,
  NONCE_SIZE,
  type No,
  PROOF_SIZE,
  RELAY_VERSION,
} from './message.ts'

/** Reads the fields of one message in their order. @throws SttError `STT_DECODE` if a field passes the end */
export class Fields {
  readonly #bytes: Uint8Array
  readonly #reader = new ByteReader()

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#reader.reset(bytes, 0, bytes.length)
  }

  get remaining(): number {
    return this.#reader.remaining
  }

  uint8(): number {
    return this.take(1)[0]!
  }

  uint16(): number {
    const [high, low] = this.take(2)
    return (high! << 8) | low!
  }

  uint32(): number {
    return this.uint16() * 65_536 + this.uint16()
  }

  take(size: number): Uint8Array {
    return checked(() => this.#reader.take(size))
  }

  candidate(): Candidate | undefined {
    return checked(() => readCandidate(this.#reader))
  }

  /** The bytes between the type and the current position, and the proof of access if one follows. */
  proved(): { readonly proof: AccessProof | undefined; readonly body: Uint8Array } {
    const body = this.#bytes.subarray(1, this.#reader.offset)
    if (this.remaining !== PROOF_SIZE) return { proof: undefined, body }
    return { proof: { keyId: this.take(KEY_ID_SIZE), expiry: this.uint32(), mac: this.take(MAC_SIZE) }, body }
  }

  greeting(): Greeting {
    const version = this.uint8()
    if (version !== RELAY_VERSION) throw malformed(`a greeting of version ${version}`)
    return {
      type: 'greeting',
      nonce: this.take(NONCE_SIZE),
      unixSeconds: this.uint32(),
      observed: this.candidate(),
      udpPorts: [this.uint16(), this.uint16()],
      rate: this.uint32(),
      burst: this.uint32(),
      freeMebibytes: this.uint32(),
      freeSeconds: this.uint32(),
      // Later versions may use the other flags.
      needsAccess: (this.uint8() & 1) !== 0,
    }
  }

  no(): No {
    const reason = NO_REASONS[this.uint8() - 1] ?? 'unknown'
    const retryAfter = this.uint32()
    return { type: 'no', reason, retryAfter, url: this.url() }
  }

  url(): string {
    const size = this.uint16()
    if (size > MAX_URL_SIZE) throw malformed(`a URL of ${size} bytes`)
    const url = String.fromCharCode(...this.take(size))
    if (!/^[!-~]*$/.test(url)) throw malformed('a URL that is not written in ASCII')
    return url
  }
}

export function malformed(what: string, cause?: unknown): SttError {
  return new SttError('STT_DECODE', `the other end sent ${what}`, cause === undefined ? {} : { cause })
}

function checked<T>(read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw malformed('a message that is cut short', cause)
  }
}
