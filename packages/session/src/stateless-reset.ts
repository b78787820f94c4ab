import type { CryptoProvider, Entropy } from '@stt/crypto'
import { CONNECTION_ID_SIZE, PACKET_OVERHEAD, packetDestination } from '@stt/frame'
import { RESET_TOKEN_SIZE, resetToken } from './reset-token.ts'

export interface StatelessResetsConfig {
  /** Computes reset tokens. */
  readonly provider: CryptoProvider
  /** Random bytes before each token. */
  readonly entropy: Entropy
  /** 32 bytes: `identity.resetKey()`. */
  readonly resetKey: Uint8Array
}

/** Answers packets of sessions that a listener no longer knows, so that their peers need not wait for the idle timeout. */
export class StatelessResets {
  readonly #config: StatelessResetsConfig
  /** When the current second began. */
  #since = Number.NEGATIVE_INFINITY
  /** Resets sent in this second, for each share of addresses. */
  readonly #answered = new Uint8Array(SHARES)
  /** Keeps attackers from computing which addresses have the same share. */
  readonly #salt: number

  constructor(config: StatelessResetsConfig) {
    this.#config = config
    this.#salt = new DataView(config.entropy(4).slice().buffer).getUint32(0)
  }

  /**
   * Makes the reset to send to the sender of `datagram`.
   *
   * @param datagram bytes that neither a session nor a handshake took
   * @param from the prefix of the sender's address, which has a budget of its own
   * @returns `undefined` for bytes that are no packet or too short, and when the budget is spent: send nothing then
   */
  // spec: STT-PKT-39
  answer(datagram: Uint8Array, from: string, now: number): Uint8Array<ArrayBuffer> | undefined {
    const longest = Math.min(datagram.length - 1, MAX_LENGTH)
    if (longest < MIN_LENGTH || (datagram[0]! & 0b1100_0000) !== 0b0100_0000 || !this.#spend(from, now)) {
      return undefined
    }
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

  /** A sender spends the budget of its share of addresses, which few others have: never the budget of all. */
  #spend(from: string, now: number): boolean {
    if (now - this.#since >= 1_000) {
      this.#since = now
      this.#answered.fill(0)
    }
    const share = this.#shareOf(from)
    if (this.#answered[share]! >= MAX_OF_SHARE) return false
    this.#answered[share]!++
    return true
  }

  /** FNV-1a: it spreads addresses evenly and takes no memory of any. */
  #shareOf(from: string): number {
    let hash = this.#salt
    for (let i = 0; i < from.length; i++) hash = Math.imul(hash ^ from.charCodeAt(i), 0x0100_0193)
    return (hash ^ (hash >>> 15)) & (SHARES - 1)
  }
}

const SHARES = 64
/** Resets in a second. */
const MAX_OF_SHARE = 16
/** 17 to 43 random bytes before the token. No shorter than the smallest packet, so that it passes for one. */
const MIN_LENGTH = PACKET_OVERHEAD
const MAX_LENGTH = MIN_LENGTH + 26
