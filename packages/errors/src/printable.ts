/**
 * Makes untrusted text safe for messages, logs and terminals: control characters, line ends, characters that turn the
 * direction of writing or are invisible, and halves of surrogate pairs are written as `\u{1b}`. All others are kept.
 *
 * @param maximum characters that are kept; `…` marks a cut. Default: all
 */
export function printable(text: string, maximum: number = Number.POSITIVE_INFINITY): string {
  const kept = text.length > maximum ? `${text.slice(0, maximum)}…` : text
  return kept.replace(UNPRINTABLE, character => `\\u{${character.codePointAt(0)!.toString(16)}}`)
}

/** Controls, formats (bidi and zero-width ones among them), surrogates, private and unassigned; line and paragraph ends. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/gu
