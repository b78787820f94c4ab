import type { Sender } from './sender.ts'

/** Called when the system has taken one datagram, or with its error. */
type Settled = (error: Error | null, bytes?: number) => void
type OnSettled = (error: Error | null, sender: Sender) => void

/** A buffer that holds a datagram until the kernel has it, with the callback that takes the buffer back. */
export interface SendSlot {
  readonly buffer: Uint8Array<ArrayBuffer>
  /** Takes the buffer back and reports the result to the pool's owner. */
  readonly settled: Settled
  /** Bytes of the datagram at the start of `buffer`. */
  length: number
  /** The owner of the datagram; undefined once it is settled, because a slot outlives sessions. */
  sender: Sender | undefined
}

/** Buffers for outgoing datagrams. Each is made once together with its callback and used again, so no packet needs a closure. */
export class SendPool {
  readonly #free: SendSlot[] = []
  readonly #onSettled: OnSettled
  #size: number

  /** @param size bytes of the largest datagram expected; the pool makes larger buffers when a larger one comes */
  constructor(size: number, onSettled: OnSettled) {
    this.#size = size
    this.#onSettled = onSettled
  }

  /** A free slot for at least `length` bytes. */
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

/** Free slots kept for the next burst. */
const MAX_FREE = 128
