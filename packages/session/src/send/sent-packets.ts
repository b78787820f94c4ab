import type { SentPacket } from './sent-packet.ts'

/**
 * Packets whose fate is open, and those declared lost a while ago, in ascending order of number. A list and not a
 * ring by number: an ACK costs what it acknowledges and what it jumps over, never the numbers settled long ago.
 */
export class SentPackets {
  #first: Entry | undefined
  #last: Entry | undefined

  /** Adds a packet whose number is above all before it. */
  add(packet: SentPacket): void {
    const entry: Entry = { packet, next: undefined }
    if (this.#last) this.#last.next = entry
    else this.#first = entry
    this.#last = entry
  }

  /**
   * Moves the packets that an ACK covers to the end of `into`, in ascending order.
   *
   * @param ranges pairs of highest and lowest number, descending
   */
  take(ranges: readonly number[], into: SentPacket[]): void {
    let range = ranges.length - 2
    let before: Entry | undefined
    for (let entry = this.#first; entry; entry = entry.next) {
      const { packetNumber } = entry.packet
      while (range >= 0 && ranges[range]! < packetNumber) range -= 2
      if (range < 0) return
      if (packetNumber < ranges[range + 1]!) {
        before = entry
        continue
      }
      into.push(entry.packet)
      if (before) before.next = entry.next
      else this.#first = entry.next
      if (this.#last === entry) this.#last = before
    }
  }

  /** Forgets the packets declared lost that were sent before `time`: an ACK for them is not waited for any longer. */
  forgetLostBefore(time: number): void {
    while (this.#first?.packet.lost && this.#first.packet.sentAt < time) this.#first = this.#first.next
    if (!this.#first) this.#last = undefined
  }

  *[Symbol.iterator](): Generator<SentPacket> {
    for (let entry = this.#first; entry; entry = entry.next) yield entry.packet
  }
}

interface Entry {
  readonly packet: SentPacket
  next: Entry | undefined
}
