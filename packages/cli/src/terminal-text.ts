/** Checks whether bytes, which come in pieces, are text without instructions for a terminal. */
export class TerminalText {
  readonly #decoder = new TextDecoder('utf-8', { fatal: true })

  /** Whether this piece contains control characters or, after the pieces before, is not UTF-8. */
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
