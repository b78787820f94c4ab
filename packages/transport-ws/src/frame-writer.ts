import type { Duplex } from 'node:stream'
import { Fifo } from '@stt/frame'
import { returnBlock, takeBlock } from './block-pool.ts'
import { frameSize, writeFrame } from './codec/encode.ts'
import type { Opcode } from './codec/opcode.ts'
import { nextMaskKey } from './mask-keys.ts'

/**
 * Writes frames to a socket. Each payload is copied once, behind its header, so the caller can reuse its bytes at once and the
 * socket gets one piece. Large frames borrow a pooled block; small frames wait for the end of the tick and leave together.
 */
export class FrameWriter {
  readonly #socket: Duplex
  readonly #masked: boolean
  readonly #onWritten: () => void
  readonly #onBlockWritten: (error?: Error | null) => void
  readonly #uncork: () => void
  /** Blocks of large frames whose write is not confirmed, oldest first; undefined for a block that was returned early. */
  readonly #lent = new Fifo<Uint8Array | undefined>()
  #corked = false

  /** @param onWritten called each time the network took a frame or the socket failed; never inside `write` */
  constructor(socket: Duplex, masked: boolean, onWritten: () => void) {
    this.#socket = socket
    this.#masked = masked
    this.#onWritten = onWritten
    this.#onBlockWritten = error => {
      const block = this.#lent.shift()
      // After a failed write the socket may still hold the bytes.
      if (block !== undefined && !error) returnBlock(block)
      onWritten()
    }
    this.#uncork = () => {
      this.#corked = false
      socket.uncork()
    }
  }

  /** Bytes that the network has not taken. */
  get queuedBytes(): number {
    return this.#socket.writableLength
  }

  write(opcode: Opcode, payload: Uint8Array): void {
    // spec: STT-WS-10
    const maskKey = this.#masked ? nextMaskKey() : undefined
    const size = frameSize(payload.length, this.#masked)
    if (size > SMALL_FRAME) {
      this.#writeLarge(opcode, payload, maskKey, size)
      return
    }
    this.#cork()
    const frame = Buffer.allocUnsafe(size)
    writeFrame(frame, 0, opcode, payload, maskKey)
    this.#socket.write(frame, this.#onWritten)
  }

  /**
   * A socket confirms a write only at the end of the turn, although it mostly takes the bytes at once. Returning the block when
   * they are taken gives a sender that fills its window in one turn the same block again, which is in the processor's cache.
   */
  #writeLarge(opcode: Opcode, payload: Uint8Array, maskKey: number | undefined, size: number): void {
    const block = takeBlock()
    writeFrame(block, 0, opcode, payload, maskKey)
    this.#socket.write(block.subarray(0, size), this.#onBlockWritten)
    const isTaken = this.#socket.writableLength === 0
    this.#lent.push(isTaken ? undefined : block)
    if (isTaken) returnBlock(block)
  }

  /** Sends the queued frames, then FIN. */
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

/** Up to this size in bytes, new memory for a frame costs less than a block that is held until the network took it. */
const SMALL_FRAME = 4_096
