/** Looks whether bytes that come in pieces are text that a terminal shows and does not obey. */
export class TerminalText {
  readonly #decoder = new TextDecoder('utf-8', { fatal: true })

  /** Whether this piece, after those before it, holds control characters or is not UTF-8. */
  isUnsafe(chunk: Uint8Array): boolean {
    try {
      return CONTROLS.test(this.#decoder.decode(chunk, { stream: true }))
    } catch {
      return true
    }
  }
}

/** All but tab, line feed and carriage return. */
const CONTROLS = /[^\P{Cc}\t\n\r]/u
