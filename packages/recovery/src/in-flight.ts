import type { SentPacket } from '@stt/frame'

/**
 * The packets of one path that are in flight, in the order in which they were sent. Each has an ordinal, which counts the
 * packets of the path: packet numbers do not, since some are skipped, or used on other links and for plain ACKs.
 *
 * It is a ring, because a long path has tens of thousands of packets in flight and each ACK looks at the oldest.
 */
export class InFlight {
  #packets: (SentPacket | undefined)[] = new Array(INITIAL_CAPACITY).fill(undefined)
  /** A number stays in its place when its packet leaves, so that the ring can be searched. */
  #numbers = new Float64Array(INITIAL_CAPACITY)
  #first = 0
  #end = 0
  #count = 0
  #bytes = 0

  get count(): number {
    return this.#count
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Every packet of a lower ordinal is gone. */
  get first(): number {
    return this.#first
  }

  /** One above the last ordinal. */
  get end(): number {
    return this.#end
  }

  /** Adds a packet whose number is above all before it. */
  add(packet: SentPacket): void {
    if (this.#end - this.#first === this.#packets.length) this.#grow()
    const place = this.#end++ & (this.#packets.length - 1)
    this.#packets[place] = packet
    this.#numbers[place] = packet.packetNumber
    this.#count++
    this.#bytes += packet.size
  }

  at(ordinal: number): SentPacket | undefined {
    return this.#packets[ordinal & (this.#packets.length - 1)]
  }

  /** The ordinal of the packet in flight with this number, or -1. */
  find(packetNumber: number): number {
    const mask = this.#packets.length - 1
    let low = this.#first
    let high = this.#end
    while (low < high) {
      const middle = Math.floor((low + high) / 2)
      if (this.#numbers[middle & mask]! < packetNumber) low = middle + 1
      else high = middle
    }
    return low < this.#end && this.#packets[low & mask]?.packetNumber === packetNumber ? low : -1
  }

  /** Takes out the packet of an ordinal that is in flight. */
  remove(ordinal: number): void {
    const mask = this.#packets.length - 1
    this.#bytes -= this.#packets[ordinal & mask]!.size
    this.#packets[ordinal & mask] = undefined
    this.#count--
    while (this.#first < this.#end && this.#packets[this.#first & mask] === undefined) this.#first++
  }

  #grow(): void {
    const { length } = this.#packets
    const packets: (SentPacket | undefined)[] = new Array(2 * length).fill(undefined)
    const numbers = new Float64Array(2 * length)
    for (let ordinal = this.#first; ordinal < this.#end; ordinal++) {
      packets[ordinal & (2 * length - 1)] = this.#packets[ordinal & (length - 1)]
      numbers[ordinal & (2 * length - 1)] = this.#numbers[ordinal & (length - 1)]!
    }
    this.#packets = packets
    this.#numbers = numbers
  }
}

/** More than an idle session has in flight; most sessions are idle. */
const INITIAL_CAPACITY = 8
