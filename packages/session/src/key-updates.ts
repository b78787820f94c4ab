import type { PacketOpener } from './packet-opener.ts'
import type { PacketSealer } from './packet-sealer.ts'

/** When keys change without being asked. Options exist so that tests need not send 64 GiB. */
export interface KeyUpdateLimits {
  readonly packets: number
  readonly bytes: number
  /** Milliseconds. */
  readonly age: number
}

// spec: STT-PKT-7
export const DEFAULT_KEY_UPDATE_LIMITS: KeyUpdateLimits = { packets: 2 ** 26, bytes: 64 * 2 ** 30, age: 60 * 60_000 }

/** Decides when this side starts a new epoch. Following the peer into one needs no decision. */
export class KeyUpdates {
  readonly #limits: KeyUpdateLimits
  #requested = false
  #epochStartedAt: number
  #acknowledgedAt: number | undefined

  constructor(limits: KeyUpdateLimits, now: number) {
    this.#limits = limits
    this.#epochStartedAt = now
  }

  /** Asks for a new epoch as soon as the rules allow one. */
  request(): void {
    this.#requested = true
  }

  onEpochStarted(now: number): void {
    this.#requested = false
    this.#epochStartedAt = now
    this.#acknowledgedAt = undefined
  }

  /** A packet sent in the current epoch was acknowledged. */
  onAcknowledged(now: number): void {
    this.#acknowledgedAt ??= now
  }

  /** Whether a new epoch is wanted and allowed. */
  isDue(sealer: PacketSealer, opener: PacketOpener, probeTimeout: number, now: number): boolean {
    return this.#isWanted(sealer, now) && now >= this.#allowedAt(sealer, opener, probeTimeout)
  }

  /** When `isDue` may turn true by the passing of time alone. */
  dueAt(sealer: PacketSealer, opener: PacketOpener, probeTimeout: number, now: number): number {
    const wantedAt = this.#isWanted(sealer, now) ? now : this.#epochStartedAt + this.#limits.age
    return Math.max(wantedAt, this.#allowedAt(sealer, opener, probeTimeout))
  }

  #isWanted(sealer: PacketSealer, now: number): boolean {
    if (this.#requested) return true
    const { packets, bytes, age } = this.#limits
    return sealer.packetsInEpoch >= packets || sealer.bytesInEpoch >= bytes || now - this.#epochStartedAt >= age
  }

  /** The first update waits for an acknowledgement in epoch 0; a later one also until old keys are gone everywhere. */
  // spec: STT-PKT-8
  #allowedAt(sealer: PacketSealer, opener: PacketOpener, probeTimeout: number): number {
    if (sealer.epoch !== opener.epoch || this.#acknowledgedAt === undefined) return Number.POSITIVE_INFINITY
    return sealer.epoch === 0 ? this.#acknowledgedAt : this.#acknowledgedAt + 3 * probeTimeout
  }
}
