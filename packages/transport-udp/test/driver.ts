import type { SentPacket } from '@stt/session'
import { createPathController, type PathControllerOptions, type UdpPathController } from '../src/index.ts'
import { sentPacket } from './packets.ts'

/** Drives a controller by hand: packets by number, each 1,200 bytes. */
export class Driver {
  readonly controller: UdpPathController
  readonly #sent = new Map<number, SentPacket>()

  constructor(options: Partial<PathControllerOptions> = {}) {
    this.controller = createPathController({ maxDatagramSize: 1_200, ...options })
  }

  send(now: number, ...numbers: number[]): void {
    for (const number of numbers) {
      const packet = sentPacket(number, now)
      this.#sent.set(number, packet)
      this.controller.onPacketSent(packet, now)
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
    this.controller.onAcknowledged(packets, isSample, ackDelay, now, lost)
    return lost.map(({ packetNumber }) => packetNumber)
  }

  /** @returns numbers of the packets declared lost when the timer fired */
  timeout(now: number): number[] {
    const lost: SentPacket[] = []
    this.controller.onTimeout(now, lost)
    return lost.map(({ packetNumber }) => packetNumber)
  }

  get window(): number {
    return this.controller.getStatistics().congestionWindow
  }

  get inFlight(): number {
    return this.controller.getStatistics().bytesInFlight
  }
}

export const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i)
