import type { CryptoProvider, Entropy } from '@stt/crypto'
import { CONNECTION_ID_SIZE, PACKET_OVERHEAD, packetDestination } from '@stt/frame'

/** Bytes of a reset token. */
export const RESET_TOKEN_SIZE = 16

/**
 * The token that ends the sessions of one connection id: the first 16 bytes of HMAC(resetKey, connection id).
 *
 * @param resetKey 32 bytes, from the responder's static key: they outlive the process that knew the session
 */
// spec: STT-PKT-38
export function resetToken(provider: CryptoProvider, resetKey: Uint8Array, connectionId: Uint8Array): Uint8Array {
  return provider.hmac(resetKey, connectionId).subarray(0, RESET_TOKEN_SIZE)
}

export interface StatelessResetsConfig {
  readonly provider: CryptoProvider
  readonly entropy: Entropy
  /** 32 bytes: `identity.resetKey()`. */
  readonly resetKey: Uint8Array
}

/** Answers packets of sessions that a listener no longer knows, so that their peers need not wait until they are idle. */
export class StatelessResets {
  readonly #config: StatelessResetsConfig
  /** The second that is being counted. */
  #since = Number.NEGATIVE_INFINITY
  #answered = 0

  constructor(config: StatelessResetsConfig) {
    this.#config = config
  }

  /**
   * What to send back to where `datagram` came from.
   *
   * @param datagram anything that no session and no handshake took
   * @returns `undefined` when silence is the answer: it is no packet, it is too short, or too many were answered
   */
  // spec: STT-PKT-39
  answer(datagram: Uint8Array, now: number): Uint8Array | undefined {
    const longest = Math.min(datagram.length - 1, MAX_LENGTH)
    if (longest < MIN_LENGTH || (datagram[0]! & 0b1100_0000) !== 0b0100_0000 || !this.#take(now)) return undefined
    const { provider, entropy, resetKey } = this.#config
    const [draw] = entropy(1)
    const reset = new Uint8Array(MIN_LENGTH + (draw! % (longest - MIN_LENGTH + 1)))
    const random = entropy(reset.length - RESET_TOKEN_SIZE)
    random[0] = 0b0100_0000 | (random[0]! & 0b0011_1111)
    reset.set(random)
    const connectionId = packetDestination(datagram).slice(0, CONNECTION_ID_SIZE)
    reset.set(resetToken(provider, resetKey, connectionId), random.length)
    return reset
  }

  #take(now: number): boolean {
    if (now - this.#since >= 1_000) {
      this.#since = now
      this.#answered = 0
    }
    return ++this.#answered <= MAX_PER_SECOND
  }
}

const MAX_PER_SECOND = 100
/** 17 to 43 random bytes before the token. No shorter than the smallest packet, so that it passes for one. */
const MIN_LENGTH = PACKET_OVERHEAD
const MAX_LENGTH = MIN_LENGTH + 26
