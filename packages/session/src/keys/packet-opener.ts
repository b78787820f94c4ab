import type { CryptoProvider } from '@stt/crypto'
import { CloseCode, PACKET_HEADER_SIZE, ProtocolError, packetEpochBits } from '@stt/frame'
import { nextTrafficSecret, PacketKey } from './packet-key.ts'
import { ReplayWindow } from './replay-window.ts'

/** Why a packet was not opened. */
export type PacketDrop = 'duplicate' | 'epoch' | 'tag'

/** The contents of the packet opened last. All sessions share one such object. */
export interface OpenedPacket {
  /** Begins with the plaintext. */
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly length: number
  /** Whether `bytes` may be kept; if not, the next packet of any session overwrites them. */
  readonly owned: boolean
}

/**
 * Opens the packets of one direction. It holds the keys of up to three epochs: the current one, the previous one for a
 * while, and the next one, which is derived beforehand so that opening takes the same time in each.
 */
export class PacketOpener {
  readonly #provider: CryptoProvider
  readonly #window = new ReplayWindow()
  /** Traffic secret of the epoch after the current one. */
  #nextSecret: Uint8Array<ArrayBuffer>
  #previous: PacketKey | undefined
  #current: PacketKey
  #next: PacketKey
  #epoch = 0
  #openedEpoch = 0
  #previousUntil = 0
  #highestOfPrevious = -1
  #lowestOfCurrent = Number.POSITIVE_INFINITY
  #highestOfCurrent = -1
  #failures = 0

  /** @param secret traffic secret of epoch 0, 32 bytes; the opener owns it from here and wipes it */
  constructor(provider: CryptoProvider, secret: Uint8Array) {
    this.#provider = provider
    this.#current = new PacketKey(provider, secret)
    this.#nextSecret = nextTrafficSecret(provider, secret)
    this.#next = new PacketKey(provider, this.#nextSecret)
  }

  /** Generation of the newest key that a verified packet used. */
  get epoch(): number {
    return this.#epoch
  }

  /** Lowest number of a verified packet of that epoch; `Infinity` before the first. */
  get lowestOfEpoch(): number {
    return this.#lowestOfCurrent
  }

  /** Generation of the key that the packet opened last used. */
  get openedEpoch(): number {
    return this.#openedEpoch
  }

  /** Packets whose tag was wrong. */
  get failures(): number {
    return this.#failures
  }

  /** Highest packet number that verified; -1 before the first. */
  get highest(): number {
    return this.#window.highest
  }

  /**
   * Verifies and decrypts a packet for which `isPacket` holds and that has at most `MAX_PACKET_SIZE` bytes.
   *
   * @param retention milliseconds for which the key of an ended epoch is kept
   * @returns its plaintext, or why it was dropped, which changes nothing
   * @throws ProtocolError when an authentic packet's epoch is out of order with its number
   */
  // spec: STT-PKT-6 STT-PKT-12
  open(packet: Uint8Array, packetNumber: number, retention: number, now: number): OpenedPacket | PacketDrop {
    const step = this.#verify(packet, packetNumber, now)
    if (typeof step === 'string') return step
    if (step === 1) this.#advance(now + retention)
    this.#openedEpoch = step === 3 ? this.#epoch - 1 : this.#epoch
    this.#checkOrder(packetNumber, step === 3)
    return opened
  }

  /** Whether a packet is new and from the peer. Its contents are not read, and it begins no epoch. */
  isAuthentic(packet: Uint8Array, packetNumber: number, now: number): boolean {
    return typeof this.#verify(packet, packetNumber, now) === 'number'
  }

  /** Takes much older packets from now on: packets of several links overtake one another. */
  // spec: STT-PKT-6
  widenReplayWindow(): void {
    this.#window.widen()
  }

  /** Wipes the key of the previous epoch once its time is over. */
  // spec: STT-PKT-13
  onTime(now: number): void {
    if (this.#previous && now >= this.#previousUntil) this.#dropPrevious()
  }

  /** When `onTime` has something to do; `Infinity` while no previous key is held. */
  get deadline(): number {
    return this.#previous ? this.#previousUntil : Number.POSITIVE_INFINITY
  }

  dispose(): void {
    this.#dropPrevious()
    this.#current.dispose()
    this.#next.dispose()
    this.#nextSecret.fill(0)
  }

  /** Decrypts a packet that is new. @returns how far its epoch is from the current one, modulo 4 */
  #verify(packet: Uint8Array, packetNumber: number, now: number): number | PacketDrop {
    if (!this.#window.isNew(packetNumber)) return 'duplicate'
    const step = (packetEpochBits(packet) - this.#epoch) & 3
    const key = step === 0 ? this.#current : step === 1 ? this.#next : step === 3 ? this.#held(now) : undefined
    if (!key) return 'epoch'
    if (!decrypt(key, packetNumber, packet)) {
      this.#failures++
      return 'tag'
    }
    this.#window.accept(packetNumber)
    return step
  }

  #held(now: number): PacketKey | undefined {
    this.onTime(now)
    return this.#previous
  }

  #dropPrevious(): void {
    this.#previous?.dispose()
    this.#previous = undefined
  }

  #advance(previousUntil: number): void {
    this.#dropPrevious()
    this.#previous = this.#current
    this.#previousUntil = previousUntil
    this.#highestOfPrevious = this.#highestOfCurrent
    this.#current = this.#next
    this.#lowestOfCurrent = Number.POSITIVE_INFINITY
    this.#highestOfCurrent = -1
    this.#nextSecret = nextTrafficSecret(this.#provider, this.#nextSecret)
    this.#next = new PacketKey(this.#provider, this.#nextSecret)
    this.#epoch++
  }

  // spec: STT-PKT-14
  #checkOrder(packetNumber: number, ofPrevious: boolean): void {
    if (ofPrevious) this.#highestOfPrevious = Math.max(this.#highestOfPrevious, packetNumber)
    else {
      this.#lowestOfCurrent = Math.min(this.#lowestOfCurrent, packetNumber)
      this.#highestOfCurrent = Math.max(this.#highestOfCurrent, packetNumber)
    }
    if (this.#highestOfPrevious < this.#lowestOfCurrent) return
    throw new ProtocolError(CloseCode.KeyUpdate, 'the peer used an old key for a newer packet number')
  }
}

/** Puts the plaintext into `opened` when the tag is right. */
function decrypt(key: PacketKey, packetNumber: number, packet: Uint8Array): boolean {
  const header = packet.subarray(0, PACKET_HEADER_SIZE)
  const ciphertext = packet.subarray(PACKET_HEADER_SIZE)
  if (packet.length >= LARGE) {
    const bytes = key.openToOwnBuffer(packetNumber, header, ciphertext)
    if (bytes === undefined) return false
    opened.bytes = bytes
    opened.length = bytes.length
    opened.owned = true
    return true
  }
  const length = key.open(packetNumber, header, ciphertext, scratch)
  if (length < 0) return false
  opened.bytes = scratch
  opened.length = length
  opened.owned = false
  return true
}

/** Bytes from which on a packet gets memory of its own, which streams keep instead of copying. */
const LARGE = 8_192
const scratch = new Uint8Array(LARGE)
const opened: { -readonly [Field in keyof OpenedPacket]: OpenedPacket[Field] } = {
  bytes: scratch,
  length: 0,
  owned: false,
}
