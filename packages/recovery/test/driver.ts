import type { LossRecovery, SentPacket } from '@stt/frame'
import { createLossRecovery, type LossRecoveryOptions } from '../src/index.ts'
import { sentPacket } from './packets.ts'

/** Drives a recovery by hand: packets by number, each 1,200 bytes. */
export class Driver {
  readonly recovery: LossRecovery
  readonly #sent = new Map<number, SentPacket>()

  constructor(options: Partial<LossRecoveryOptions> = {}) {
    this.recovery = createLossRecovery({ maxDatagramSize: 1_200, ...options })
  }

  send(now: number, ...numbers: number[]): void {
    for (const number of numbers) {
      const packet = sentPacket(number, now)
      this.#sent.set(number, packet)
      this.recovery.onPacketSent(packet, now)
    }
  }

  /** @returns numbers of the packets that the ACK showed to be lost */
  acknowledge(
    now: number,
    numbers: readonly number[],
    { ackDelay = 0, isSample = true }: { ackDelay?: number; isSample?: boolean } = {},
  ): number[] {
    const lost: SentPacket[] = []
    const packets = numbers.map(number => this.#sent.get(number)!)
    for (const number of numbers) this.#sent.delete(number)
    this.recovery.onAcknowledged(packets, isSample ? packets.at(-1)?.sentAt : undefined, ackDelay, lost, now)
    return lost.map(({ packetNumber }) => packetNumber)
  }

  /** @returns numbers of the packets declared lost when the timer fired */
  timeout(now: number): number[] {
    const lost: SentPacket[] = []
    this.recovery.onTime(lost, now)
    return lost.map(({ packetNumber }) => packetNumber)
  }

  get window(): number {
    return this.recovery.getStatistics().congestionWindow
  }

  get inFlight(): number {
    return this.recovery.getStatistics().bytesInFlight
  }
}

export const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i)
