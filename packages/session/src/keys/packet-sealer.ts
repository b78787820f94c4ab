import type { CryptoProvider } from '@stt/crypto'
import { SttError } from '@stt/errors'
import { MAX_PACKET_NUMBER, PACKET_HEADER_SIZE, TAG_SIZE, writePacketHeader } from '@stt/frame'
import { nextTrafficSecret, PacketKey } from './packet-key.ts'

/**
 * Numbers and seals the packets of one direction. Number and key live in one object that cannot be copied, and a number is
 * counted before it is used, so no pair of key and nonce can occur twice.
 */
export class PacketSealer {
  readonly #provider: CryptoProvider
  readonly #destination: Uint8Array<ArrayBuffer>
  readonly #limit: number
  #secret: Uint8Array
  #key: PacketKey
  #epoch = 0
  #nextPacketNumber = 0
  #packetsInEpoch = 0
  #bytesInEpoch = 0

  /**
   * @param secret traffic secret of epoch 0, 32 bytes; the sealer owns it from here and wipes it
   * @param destination the peer's connection id
   * @param limit the first number that is never used, at most 2^48
   */
  constructor(
    provider: CryptoProvider,
    secret: Uint8Array,
    destination: Uint8Array,
    limit: number = MAX_PACKET_NUMBER,
  ) {
    this.#provider = provider
    this.#destination = destination.slice()
    this.#limit = Math.min(limit, MAX_PACKET_NUMBER)
    this.#secret = secret
    this.#key = new PacketKey(provider, secret)
  }

  /** Generation of the key in use. */
  get epoch(): number {
    return this.#epoch
  }

  get nextPacketNumber(): number {
    return this.#nextPacketNumber
  }

  /** Packets that can still be sealed. */
  get remaining(): number {
    return this.#limit - this.#nextPacketNumber
  }

  get packetsInEpoch(): number {
    return this.#packetsInEpoch
  }

  get bytesInEpoch(): number {
    return this.#bytesInEpoch
  }

  /**
   * Seals the frames at `buffer[17 … end]` in place under the next packet number, writing header and tag around them.
   *
   * @param buffer has room for 16 bytes after `end`
   * @returns the end of the packet
   * @throws SttError `STT_NONCE_EXHAUSTED` when no number remains
   */
  // spec: STT-PKT-1 STT-PKT-4 STT-PKT-5
  seal(buffer: Uint8Array, end: number): number {
    const packetNumber = this.#nextPacketNumber
    if (packetNumber >= this.#limit) {
      throw new SttError('STT_NONCE_EXHAUSTED', 'this session has used all its packet numbers: open another')
    }
    this.#nextPacketNumber = packetNumber + 1
    this.#packetsInEpoch++
    this.#bytesInEpoch += end + TAG_SIZE
    writePacketHeader(buffer, this.#destination, packetNumber, this.#epoch)
    const header = buffer.subarray(0, PACKET_HEADER_SIZE)
    return this.#key.seal(packetNumber, header, buffer.subarray(PACKET_HEADER_SIZE, end), buffer, PACKET_HEADER_SIZE)
  }

  /** Leaves out a number for ever. An ACK for it proves that the peer acknowledges packets that it has not received. */
  // spec: STT-PKT-18
  skipPacketNumber(): number {
    return this.#nextPacketNumber++
  }

  /** Moves to the key of the next epoch and wipes the one before. */
  // spec: STT-PKT-13
  advanceEpoch(): void {
    this.#key.dispose()
    this.#secret = nextTrafficSecret(this.#provider, this.#secret)
    this.#key = new PacketKey(this.#provider, this.#secret)
    this.#epoch++
    this.#packetsInEpoch = 0
    this.#bytesInEpoch = 0
  }

  dispose(): void {
    this.#key.dispose()
    this.#secret.fill(0)
  }
}
