import { bytesOf, SttError } from '@stt/errors'
import { ByteReader, readCandidate } from '@stt/frame'
import {
  type AccessProof,
  type Greeting,
  HEARTBEAT_SIZE,
  KEY_ID_SIZE,
  MAC_SIZE,
  MAILBOX_SIZE,
  MAX_CLAIMS,
  MAX_DIALED,
  MAX_URL_SIZE,
  MessageType,
  NO_REASONS,
  NONCE_SIZE,
  type No,
  PROOF_SIZE,
  RELAY_VERSION,
  type RelayMessage,
  TICKET_SIZE,
  TOKEN_SIZE,
} from './message.ts'

/**
 * Reads one message of a client or a relay. Its byte strings are views of `bytes`.
 *
 * @throws SttError `STT_DECODE` for every message that is not exactly of its form
 */
// spec: STT-RLY-5
export function decodeMessage(bytes: Uint8Array): RelayMessage {
  const given = bytesOf(bytes, 'the message')
  const reader = new Fields(given)
  const type = reader.uint8()
  const message = reader.message(type)
  if (reader.remaining > 0) throw malformed(`a message of type ${type} with ${reader.remaining} bytes too many`)
  return message
}

/** Reads the fields of one message in their order; whatever passes the end is refused. */
class Fields {
  readonly #bytes: Uint8Array
  readonly #reader = new ByteReader()

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#reader.reset(bytes, 0, bytes.length)
  }

  get remaining(): number {
    return this.#reader.remaining
  }

  message(type: number): RelayMessage {
    switch (type) {
      case MessageType.greeting:
        return this.#greeting()
      case MessageType.listen: {
        const count = this.#count(MAX_CLAIMS)
        const claims = Array.from({ length: count }, () => ({
          mailbox: this.#take(MAILBOX_SIZE),
          token: this.#take(TOKEN_SIZE),
        }))
        return { type: 'listen', claims, ...this.#proved() }
      }
      case MessageType.dial: {
        const count = this.#count(MAX_DIALED)
        const mailboxes = Array.from({ length: count }, () => this.#take(MAILBOX_SIZE))
        return { type: 'dial', mailboxes, ...this.#proved() }
      }
      case MessageType.incoming:
        return { type: 'incoming', ticket: this.#take(TICKET_SIZE) }
      case MessageType.accept:
        return { type: 'accept', ticket: this.#take(TICKET_SIZE) }
      case MessageType.spliced:
        // A body is for a later version.
        this.#take(this.remaining)
        return { type: 'spliced' }
      case MessageType.no:
        return this.#no()
      case MessageType.goingAway:
        return { type: 'goingAway', reconnectIn: this.#uint32(), tryFor: this.#uint32() }
      case MessageType.ping:
        return { type: 'ping', data: this.#take(HEARTBEAT_SIZE) }
      case MessageType.pong:
        return { type: 'pong', data: this.#take(HEARTBEAT_SIZE) }
      default:
        throw malformed(`a message of the unknown type ${type}`)
    }
  }

  uint8(): number {
    return this.#take(1)[0]!
  }

  #greeting(): Greeting {
    const version = this.uint8()
    if (version !== RELAY_VERSION) throw malformed(`a greeting of version ${version}`)
    return {
      type: 'greeting',
      nonce: this.#take(NONCE_SIZE),
      unixSeconds: this.#uint32(),
      observed: checked(() => readCandidate(this.#reader)),
      udpPorts: [this.#uint16(), this.#uint16()],
      rate: this.#uint32(),
      burst: this.#uint32(),
      freeMebibytes: this.#uint32(),
      freeSeconds: this.#uint32(),
      // The other flags are for later versions.
      needsAccess: (this.uint8() & 1) !== 0,
    }
  }

  #no(): No {
    const reason = NO_REASONS[this.uint8() - 1] ?? 'unknown'
    const retryAfter = this.#uint32()
    const size = this.#uint16()
    if (size > MAX_URL_SIZE) throw malformed(`a URL of ${size} bytes`)
    const url = String.fromCharCode(...this.#take(size))
    if (!/^[!-~]*$/.test(url)) throw malformed('a URL that is not written in ASCII')
    return { type: 'no', reason, retryAfter, url }
  }

  #proved(): { readonly proof: AccessProof | undefined; readonly body: Uint8Array } {
    const body = this.#bytes.subarray(1, this.#reader.offset)
    if (this.remaining !== PROOF_SIZE) return { proof: undefined, body }
    return { proof: { keyId: this.#take(KEY_ID_SIZE), expiry: this.#uint32(), mac: this.#take(MAC_SIZE) }, body }
  }

  #count(max: number): number {
    const count = this.uint8()
    if (count < 1 || count > max) throw malformed(`${count} mailboxes, where there are 1 to ${max}`)
    return count
  }

  #uint16(): number {
    const [high, low] = this.#take(2)
    return (high! << 8) | low!
  }

  #uint32(): number {
    return this.#uint16() * 65_536 + this.#uint16()
  }

  #take(size: number): Uint8Array {
    return checked(() => this.#reader.take(size))
  }
}

function checked<T>(read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw malformed('a message that is cut short', cause)
  }
}

function malformed(what: string, cause?: unknown): SttError {
  return new SttError('STT_DECODE', `the other end sent ${what}`, cause === undefined ? {} : { cause })
}
