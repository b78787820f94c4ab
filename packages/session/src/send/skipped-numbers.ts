import type { Entropy } from '@stt/crypto'
import type { PacketSealer } from '../keys/packet-sealer.ts'
import type { DeliveryTracker } from './delivery-tracker.ts'

/** Leaves out a packet number now and then, which exposes a peer that acknowledges packets it did not receive. */
// spec: STT-PKT-18
export class SkippedNumbers {
  readonly #entropy: Entropy | undefined
  #untilNext: number

  /** @param entropy without it no number is left out: a number that can be foreseen is no trap */
  constructor(entropy: Entropy | undefined) {
    this.#entropy = entropy
    this.#untilNext = this.#draw()
  }

  /** A packet that asks for an acknowledgement is about to be sealed. */
  onElicitingPacket(sealer: PacketSealer, deliveries: DeliveryTracker): void {
    if (this.#untilNext-- > 0) return
    deliveries.onSkipped(sealer.skipPacketNumber())
    // This packet is the first after the gap.
    this.#untilNext = this.#draw() - 1
  }

  #draw(): number {
    const [high, low] = this.#entropy?.(2) ?? []
    if (high === undefined || low === undefined) return Number.POSITIVE_INFINITY
    return LEAST_DISTANCE + (((high << 8) | low) % LEAST_DISTANCE)
  }
}

/** Packets between two numbers that are left out: at least as many, at most twice as many. */
const LEAST_DISTANCE = 512
