import { CloseCode, ProtocolError } from '@stt/frame'
import type { PacketOpener } from './packet-opener.ts'
import type { PacketSealer } from './packet-sealer.ts'

/** When keys change by themselves. They are options so that tests need not send 64 GiB. */
export interface KeyUpdateLimits {
  /** Packets sealed under one key. */
  readonly packets: number
  /** Bytes sealed under one key. */
  readonly bytes: number
  /** Milliseconds since the epoch began. */
  readonly age: number
}

// spec: STT-PKT-8
export const DEFAULT_KEY_UPDATE_LIMITS: KeyUpdateLimits = { packets: 2 ** 26, bytes: 64 * 2 ** 30, age: 60 * 60_000 }

export interface KeyUpdatesConfig {
  readonly sealer: PacketSealer
  readonly opener: PacketOpener
  readonly limits: KeyUpdateLimits
  readonly now: number
  readonly onEpoch: (epoch: number) => void
}

/** Moves both directions from epoch to epoch, when this side wants to or the peer did. */
export class KeyUpdates {
  readonly #config: KeyUpdatesConfig
  #requested = false
  #askedForAck = false
  #epochStartedAt: number
  /** When the peer first acknowledged a packet of the current epoch. */
  #acknowledgedAt: number | undefined
  /** The newest epoch of the peer. */
  #peerEpoch = 0
  /** Whether this side has acknowledged a packet of it. */
  #reported = false
  /** When the peer's epochs would end if each that it started had lasted as briefly as allowed. */
  #ledUntil = Number.NEGATIVE_INFINITY

  constructor(config: KeyUpdatesConfig) {
    this.#config = config
    this.#epochStartedAt = config.now
  }

  /** Asks for a new epoch as soon as the rules allow one. */
  // spec: STT-PKT-11
  request(): void {
    this.#requested = true
  }

  /** A packet that was sealed in `epoch` was acknowledged. */
  onAcknowledged(epoch: number, now: number): void {
    if (epoch === this.#config.sealer.epoch) this.#acknowledgedAt ??= now
  }

  /** An ACK of everything up to `packetNumber` is sent. The peer may not start an epoch before one of the current epoch. */
  onAckSent(packetNumber: number): void {
    if (packetNumber >= this.#config.opener.lowestOfEpoch) this.#reported = true
  }

  /**
   * A packet verified. If it is the first of an epoch that the peer started, this side moves too, from its next packet on.
   *
   * @returns whether this side has moved now
   * @throws ProtocolError when the peer was not allowed to start that epoch
   */
  // spec: STT-PKT-9 STT-PKT-47
  follow(now: number): boolean {
    const { sealer, opener } = this.#config
    if (opener.epoch === this.#peerEpoch) return false
    const reported = this.#reported
    this.#peerEpoch = opener.epoch
    this.#reported = false
    if (opener.epoch <= sealer.epoch) return false
    this.#ledUntil = Math.max(this.#ledUntil, now) + LEAST_EPOCH
    if (!reported || this.#ledUntil > now + EARLY_EPOCHS * LEAST_EPOCH)
      throw new ProtocolError(CloseCode.KeyUpdate, 'the peer changed its keys too early')
    this.#start(now)
    return true
  }

  /**
   * Starts a new epoch when one is wanted and allowed.
   *
   * @returns whether to send a PING, so that the peer acknowledges it or notices the new epoch
   */
  onTime(probeTimeout: number, now: number): boolean {
    if (!this.#isWanted(now)) return false
    if (now >= this.#allowedAt(probeTimeout)) this.#start(now)
    else if (this.#acknowledgedAt !== undefined || this.#askedForAck) return false
    this.#askedForAck = true
    return true
  }

  /** When `onTime` has something to do without a packet or a call. */
  deadline(probeTimeout: number, now: number): number {
    if (this.#isWanted(now)) return this.#allowedAt(probeTimeout)
    return this.#epochStartedAt + this.#config.limits.age
  }

  #start(now: number): void {
    const { sealer, onEpoch } = this.#config
    sealer.advanceEpoch()
    this.#requested = false
    this.#askedForAck = false
    this.#epochStartedAt = now
    this.#acknowledgedAt = undefined
    onEpoch(sealer.epoch)
  }

  #isWanted(now: number): boolean {
    if (this.#requested) return true
    const { sealer, limits } = this.#config
    return (
      sealer.packetsInEpoch >= limits.packets ||
      sealer.bytesInEpoch >= limits.bytes ||
      now - this.#epochStartedAt >= limits.age
    )
  }

  /** The first update waits for an acknowledgement in epoch 0; later ones also until both sides have dropped old keys. */
  // spec: STT-PKT-10
  #allowedAt(probeTimeout: number): number {
    const { sealer, opener } = this.#config
    if (sealer.epoch !== opener.epoch || this.#acknowledgedAt === undefined) return Number.POSITIVE_INFINITY
    return sealer.epoch === 0 ? this.#acknowledgedAt : this.#acknowledgedAt + 3 * probeTimeout
  }
}

/** Milliseconds: three probe timeouts, of which each is above 25. */
const LEAST_EPOCH = 75
/** Epochs that the peer may start too early: if its clock jumped it takes the time for passed, and is no attacker. */
const EARLY_EPOCHS = 8
