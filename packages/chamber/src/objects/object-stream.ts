/**
 * A read that its caller may begin late, end early or never begin. `onEnd` runs once, when the read is over, which a plain
 * generator would not tell if it was never begun.
 */
export class ObjectStream implements AsyncIterableIterator<Uint8Array<ArrayBuffer>> {
  readonly #pieces: AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined>
  readonly #check: () => void
  #onEnd: (() => Promise<void>) | undefined

  /** @param check throws when the chamber is closed */
  constructor(
    pieces: AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined>,
    check: () => void,
    onEnd: () => Promise<void>,
  ) {
    this.#pieces = pieces
    this.#check = check
    this.#onEnd = onEnd
  }

  async next(): Promise<IteratorResult<Uint8Array<ArrayBuffer>, void>> {
    try {
      this.#check()
      const result = await this.#pieces.next()
      this.#check()
      if (result.done) await this.#end()
      return result
    } catch (error) {
      await this.return()
      throw error
    }
  }

  async return(): Promise<IteratorResult<Uint8Array<ArrayBuffer>, void>> {
    await this.#pieces.return()
    await this.#end()
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async #end(): Promise<void> {
    const onEnd = this.#onEnd
    this.#onEnd = undefined
    await onEnd?.()
  }
}
