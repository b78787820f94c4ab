import type { Sender } from './sender.ts'

/** Called with what the network said of one datagram. */
type Settled = (error: Error | null, bytes?: number) => void
type OnSettled = (error: Error | null, sender: Sender) => void

/** A buffer that a datagram waits in until the kernel has it, with the callback that takes it back. */
export interface SendSlot {
  readonly buffer: Uint8Array<ArrayBuffer>
  readonly settled: Settled
  /** Bytes of the datagram at the start of `buffer`. */
  length: number
  /** Whose datagram it is; `undefined` once that is settled, since a slot outlives sessions. */
  sender: Sender | undefined
}

/** Buffers for outgoing datagrams, each made once with its callback and used again: no closure for each packet. */
export class SendPool {
  readonly #free: SendSlot[] = []
  readonly #onSettled: OnSettled
  #size: number

  /** @param size bytes of the largest datagram expected; the pool grows its buffers when a larger one comes */
  constructor(size: number, onSettled: OnSettled) {
    this.#size = size
    this.#onSettled = onSettled
  }

  /** A slot that holds at least `length` bytes. */
  take(length: number): SendSlot {
    if (length > this.#size) {
      this.#size = length
      this.#free.length = 0
    }
    return this.#free.pop() ?? this.#create()
  }

  #create(): SendSlot {
    const slot: SendSlot = {
      buffer: new Uint8Array(this.#size),
      length: 0,
      sender: undefined,
      settled: error => {
        const { sender } = slot
        slot.sender = undefined
        if (slot.buffer.length === this.#size && this.#free.length < MAX_FREE) this.#free.push(slot)
        this.#onSettled(error, sender!)
      },
    }
    return slot
  }
}

/** Slots kept for the next burst. */
const MAX_FREE = 128
