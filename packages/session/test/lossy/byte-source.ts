import { type FrameSource, FrameType, type SentFrame, streamHeaderSize, writeStreamHeader } from '@stt/frame'

/** The least that is reliable: one stream whose bytes are sent until each was acknowledged, and ticked off as they come. */
export class ByteSource implements FrameSource {
  /** Bytes that arrived for the first time, and again. */
  received = 0
  repeated = 0
  #ticked = new Uint8Array(65_536)
  readonly #again: { offset: number; length: number }[] = []
  #end = 0
  #offset = 0

  queue(bytes: number): void {
    this.#end += bytes
  }

  hasFrames(): boolean {
    return this.#again.length > 0 || this.#offset < this.#end
  }

  writeFrames(buffer: Uint8Array, offset: number, limit: number, sent: SentFrame[]): number {
    let at = offset
    while (this.hasFrames()) {
      const again = this.#again[0]
      const start = again?.offset ?? this.#offset
      const wanted = again?.length ?? this.#end - this.#offset
      const length = Math.min(wanted, limit - at - streamHeaderSize(0, start, limit))
      if (length <= 0) return at
      at = writeStreamHeader(buffer, at, 0, start, length, false)
      for (let i = 0; i < length; i++) buffer[at + i] = (start + i) % 251
      at += length
      sent.push({ type: FrameType.Stream, id: 0, offset: start, length, fin: false })
      if (!again) this.#offset += length
      else if (length === again.length) this.#again.shift()
      else this.#again[0] = { offset: start + length, length: wanted - length }
    }
    return at
  }

  onFrameAcknowledged(): void {}

  onFrameLost({ offset, length }: SentFrame): void {
    this.#again.push({ offset, length })
  }

  onStream(_id: number, offset: number, data: Uint8Array): void {
    if (offset + data.length > this.#ticked.length) this.#grow(offset + data.length)
    for (let i = 0; i < data.length; i++) {
      if (data[i] !== (offset + i) % 251) throw new Error(`byte ${offset + i} is not what was sent`)
      if (this.#ticked[offset + i]) this.repeated++
      else this.received++
      this.#ticked[offset + i] = 1
    }
  }

  #grow(length: number): void {
    const ticked = new Uint8Array(2 * length)
    ticked.set(this.#ticked)
    this.#ticked = ticked
  }

  onReset(): void {}
  onStop(): void {}
  onMaxData(): void {}
  onMaxStreamData(): void {}
  onMaxStreams(): void {}
}
