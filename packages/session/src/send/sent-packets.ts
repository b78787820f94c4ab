import type { OutstandingPacket } from './outstanding-packet.ts'

/**
 * Outstanding packets, and recently lost ones, in ascending order of number.
 *
 * They have places in one array, found by number. Places of removed packets form chains that are followed and shortened, as
 * in a union-find. So the cost of an ACK is its ranges plus the packets that it acknowledges for the first time, however many
 * are outstanding: a peer cannot make this side walk over thousands of packets with each small ACK.
 */
export class SentPackets {
  #packets: (OutstandingPacket | undefined)[] = new Array(LEAST_CAPACITY).fill(undefined)
  /** Numbers stay in their places when packets leave, so that the places can be searched. */
  #numbers = new Float64Array(LEAST_CAPACITY)
  /** For a place whose packet is gone: a later place, with no packet in between. */
  #skip = new Int32Array(LEAST_CAPACITY)
  /** Every place before is empty. */
  #first = 0
  #end = 0
  #size = 0
  #looks = 0

  get size(): number {
    return this.#size
  }

  /** Places that `take` has looked at so far: the cost of ACKs. */
  get looks(): number {
    return this.#looks
  }

  /** Adds a packet whose number is above all before it. */
  add(packet: OutstandingPacket): void {
    if (this.#end === this.#packets.length) this.#rearrange()
    const place = this.#end++
    this.#packets[place] = packet
    this.#numbers[place] = packet.packetNumber
    this.#size++
  }

  /**
   * Moves the packets that an ACK covers to the end of `into`, in ascending order.
   *
   * @param ranges pairs of highest and lowest number, descending
   */
  take(ranges: readonly number[], into: OutstandingPacket[]): void {
    let from = this.#first
    for (let range = ranges.length - 2; range >= 0 && from < this.#end; range -= 2) {
      const high = ranges[range]!
      this.#looks++
      if (high < this.#numbers[from]!) continue
      let place = this.#present(this.#placeOf(ranges[range + 1]!, from))
      while (place < this.#end && this.#numbers[place]! <= high) {
        this.#looks++
        into.push(this.#packets[place]!)
        this.#remove(place)
        place = this.#present(place + 1)
      }
      from = place
    }
    this.#tidy()
  }

  /** The outstanding packet with the lowest number from `packetNumber` on; `undefined` when there is none. */
  openFrom(packetNumber: number): OutstandingPacket | undefined {
    let place = this.#present(this.#placeOf(packetNumber, this.#first))
    while (place < this.#end && this.#packets[place]!.lost) place = this.#present(place + 1)
    return place < this.#end ? this.#packets[place] : undefined
  }

  /** Forgets lost packets that were sent before `time`: their ACKs are no longer waited for. */
  forgetLostBefore(time: number): void {
    for (let oldest = this.#oldest; oldest?.lost && oldest.sentAt < time; oldest = this.#oldest) this.#removeFirst()
    this.#tidy()
  }

  /** Forgets the oldest packet if it was declared lost. */
  forgetOldestLost(): void {
    if (!this.#oldest?.lost) return
    this.#removeFirst()
    this.#tidy()
  }

  *[Symbol.iterator](): Generator<OutstandingPacket> {
    for (let place = this.#present(this.#first); place < this.#end; place = this.#present(place + 1)) {
      yield this.#packets[place]!
    }
  }

  get #oldest(): OutstandingPacket | undefined {
    this.#first = this.#present(this.#first)
    return this.#first < this.#end ? this.#packets[this.#first] : undefined
  }

  #removeFirst(): void {
    this.#remove(this.#first)
    this.#first++
  }

  /** The first place from `from` on whose number is not below `packetNumber`. */
  #placeOf(packetNumber: number, from: number): number {
    let low = from
    let high = this.#end
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#numbers[middle]! < packetNumber) low = middle + 1
      else high = middle
    }
    return low
  }

  /** The first place from `from` on that holds a packet; `#end` when there is none. */
  #present(from: number): number {
    let place = from
    while (place < this.#end && this.#packets[place] === undefined) {
      const next = this.#skip[place]!
      // Shortens the chain: the next search passes two places with one step.
      if (next < this.#end && this.#packets[next] === undefined) this.#skip[place] = this.#skip[next]!
      place = next
      this.#looks++
    }
    return place
  }

  #remove(place: number): void {
    this.#packets[place] = undefined
    this.#skip[place] = place + 1
    this.#size--
  }

  /** Frees the places of an empty list: an idle session takes little memory, however much it has sent. */
  #tidy(): void {
    if (this.#size > 0) return
    this.#first = 0
    this.#end = 0
    if (this.#packets.length > KEPT_CAPACITY) this.#allocate(LEAST_CAPACITY)
  }

  /** The array is full: closes the gaps, in an array of at least twice as many places as packets. */
  #rearrange(): void {
    const [packets, numbers, end] = [this.#packets, this.#numbers, this.#end]
    let capacity = LEAST_CAPACITY
    while (capacity < 2 * this.#size) capacity *= 2
    this.#allocate(capacity)
    let place = 0
    for (let i = this.#first; i < end; i++) {
      const packet = packets[i]
      if (!packet) continue
      this.#packets[place] = packet
      this.#numbers[place++] = numbers[i]!
    }
    this.#first = 0
    this.#end = place
  }

  #allocate(capacity: number): void {
    this.#packets = new Array(capacity).fill(undefined)
    this.#numbers = new Float64Array(capacity)
    this.#skip = new Int32Array(capacity)
  }
}

const LEAST_CAPACITY = 16
/** Places of an empty list. */
const KEPT_CAPACITY = 256
