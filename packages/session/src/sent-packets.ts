import type { SentPacket } from './sent-packet.ts'

/** Packets whose fate is open, by number, in a ring that grows with what is outstanding. */
export class SentPackets {
  #ring: (SentPacket | undefined)[] = new Array(INITIAL_CAPACITY).fill(undefined)
  /** Every number below is settled. */
  #lowest = 0
  /** One above the highest number that was added. */
  #end = 0
  #count = 0

  /** How many are kept, those declared lost included. */
  get size(): number {
    return this.#count
  }

  /** No number below is kept. */
  get lowest(): number {
    return this.#lowest
  }

  /** Adds a packet whose number is above all before it. */
  add(packet: SentPacket): void {
    const { packetNumber } = packet
    if (this.#count === 0) this.#lowest = packetNumber
    while (packetNumber - this.#lowest >= this.#ring.length) this.#grow()
    this.#ring[packetNumber & (this.#ring.length - 1)] = packet
    this.#end = packetNumber + 1
    this.#count++
  }

  get(packetNumber: number): SentPacket | undefined {
    if (packetNumber < this.#lowest || packetNumber >= this.#end) return undefined
    return this.#ring[packetNumber & (this.#ring.length - 1)]
  }

  delete(packetNumber: number): void {
    if (!this.get(packetNumber)) return
    this.#ring[packetNumber & (this.#ring.length - 1)] = undefined
    this.#count--
    while (this.#lowest < this.#end && this.#ring[this.#lowest & (this.#ring.length - 1)] === undefined) this.#lowest++
  }

  /** Forgets the packets declared lost that were sent before `time`: an ACK for them is not waited for any longer. */
  forgetLostBefore(time: number): void {
    for (let number = this.#lowest; number < this.#end; number++) {
      const packet = this.get(number)
      if (!packet) continue
      if (!packet.lost || packet.sentAt >= time) return
      this.delete(number)
    }
  }

  *[Symbol.iterator](): Generator<SentPacket> {
    for (let number = this.#lowest; number < this.#end; number++) {
      const packet = this.get(number)
      if (packet) yield packet
    }
  }

  #grow(): void {
    const larger: (SentPacket | undefined)[] = new Array(2 * this.#ring.length).fill(undefined)
    for (const packet of this) larger[packet.packetNumber & (larger.length - 1)] = packet
    this.#ring = larger
  }
}

const INITIAL_CAPACITY = 64
