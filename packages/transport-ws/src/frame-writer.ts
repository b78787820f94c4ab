import type { Duplex } from 'node:stream'
import { lendBlock } from './block-pool.ts'
import { frameSize, writeFrame } from './codec/encode.ts'
import type { Opcode } from './codec/opcode.ts'
import { nextMaskKey } from './mask-keys.ts'

/**
 * Puts frames on a socket. Each payload is copied once, behind its header, so that the caller has its bytes back and the
 * socket gets one piece. Large frames borrow a pooled block; small ones wait for the end of the tick and leave together.
 */
export class FrameWriter {
  readonly #socket: Duplex
  readonly #masked: boolean
  readonly #onWritten: () => void
  readonly #uncork: () => void
  #corked = false

  /** @param onWritten called, never from inside `write`, each time the network took a frame or the socket failed */
  constructor(socket: Duplex, masked: boolean, onWritten: () => void) {
    this.#socket = socket
    this.#masked = masked
    this.#onWritten = onWritten
    this.#uncork = () => {
      this.#corked = false
      socket.uncork()
    }
  }

  /** Bytes that the network has not taken yet. */
  get queuedBytes(): number {
    return this.#socket.writableLength
  }

  write(opcode: Opcode, payload: Uint8Array): void {
    // spec: STT-WS-10
    const maskKey = this.#masked ? nextMaskKey() : undefined
    const size = frameSize(payload.length, this.#masked)
    if (size > SMALL_FRAME) {
      const block = lendBlock(this.#onWritten)
      writeFrame(block.bytes, 0, opcode, payload, maskKey)
      this.#socket.write(block.bytes.subarray(0, size), block.onWritten)
      return
    }
    this.#cork()
    const frame = Buffer.allocUnsafe(size)
    writeFrame(frame, 0, opcode, payload, maskKey)
    this.#socket.write(frame, this.#onWritten)
  }

  /** Sends what is queued, then FIN. */
  end(): void {
    this.#socket.end()
  }

  #cork(): void {
    if (this.#corked) return
    this.#corked = true
    this.#socket.cork()
    process.nextTick(this.#uncork)
  }
}

/** Up to this size a frame of its own memory costs less than a block held until the network took it. */
const SMALL_FRAME = 4_096
